// In the place of Kubernetes in the tiny image: one program that is kubeadm, kubectl, kubelet, crictl and ctr by the name it is
// called by, and the node's daemon. It takes its time, leaves kubeadm's traces and records how it was called. It runs no pods.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Set by the linker: the version that the image's facts name.
var kubernetesVersion = "v0.0.0"

const (
	notice        = "this is Replikube's tiny stand-in, not Kubernetes: it runs no pods"
	kubernetesDir = "/etc/kubernetes"
	kubeletDir    = "/var/lib/kubelet"
	stateDir      = "/var/lib/tiny-kubernetes"
	criSocket     = "/run/containerd/containerd.sock"
)

// Valid as a semantic version, equal to the facts' version, and visibly something else.
func standInVersion() string { return kubernetesVersion + "+tiny" }

func main() {
	programs := map[string]func([]string) error{
		"kubeadm": kubeadm, "kubectl": kubectl, "kubelet": kubelet, "crictl": crictl, "ctr": ctr, "tiny-node": daemon,
	}
	name := filepath.Base(os.Args[0])
	program, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "tiny-node: no program is called %s\n", name)
		os.Exit(2)
	}
	if err := program(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		var code exitCode
		if errors.As(err, &code) {
			os.Exit(int(code))
		}
		os.Exit(1)
	}
}

// An error whose text has been printed already.
type exitCode int

func (code exitCode) Error() string { return fmt.Sprintf("exit code %d", int(code)) }
