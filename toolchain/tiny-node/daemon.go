package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const (
	kubeletConfigPath = kubeletDir + "/config.yaml"
	kubeletFlagsPath  = kubeletDir + "/kubeadm-flags.env"
	kubeletKubeconfig = kubernetesDir + "/kubelet.conf"
	apiServerManifest = manifestsDir + "/kube-apiserver.yaml"
	tick              = 250 * time.Millisecond

	// The real one takes a minute after SSH has answered, emulated. Whoever does not wait for it has to fail here too.
	apiServerBootPause = 5 * time.Second
)

// What runs on every node: a socket in containerd's place, and a kubelet that is inert until kubeadm has configured it, then
// reports its node and runs the one static pod that it knows, the API server.
func daemon(arguments []string) error {
	if len(arguments) != 1 || arguments[0] != "run" {
		return errors.New("usage: tiny-node run")
	}
	log.SetFlags(log.LstdFlags | log.LUTC)
	if err := listenForRuntime(); err != nil {
		return err
	}
	if exists(apiServerManifest) {
		time.Sleep(apiServerBootPause)
	}
	var api *server
	var node kubeletState
	for ; ; time.Sleep(tick) {
		api = superviseServer(api)
		node.supervise()
	}
}

// Only there to be found: whoever speaks to it is hung up on.
func listenForRuntime() error {
	if err := os.MkdirAll(filepath.Dir(criSocket), 0o755); err != nil {
		return err
	}
	os.Remove(criSocket)
	listener, err := net.Listen("unix", criSocket)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				log.Fatalf("containerd: %v", err)
			}
			connection.Close()
		}
	}()
	return nil
}

var securePort = regexp.MustCompile(`--secure-port=(\d+)`)

// As the kubelet does with a static pod: it runs while its manifest is there.
func superviseServer(running *server) *server {
	manifest, err := os.ReadFile(apiServerManifest)
	wanted := err == nil && exists(kubeletConfigPath)
	switch {
	case wanted && running == nil:
		port := "6443"
		if match := securePort.FindSubmatch(manifest); match != nil {
			port = string(match[1])
		}
		started, err := startServer(port)
		if err != nil {
			log.Printf("kubelet: static pod kube-apiserver: %v", err)
			time.Sleep(time.Second)
			return nil
		}
		log.Printf("kubelet: static pod kube-apiserver serves on port %s", port)
		return started
	case !wanted && running != nil:
		running.stop()
		log.Printf("kubelet: static pod kube-apiserver stopped")
		return nil
	}
	return running
}

type kubeletState struct {
	kubeconfig string
	client     *client
	name       string
	beat       heartbeat
	next       time.Time
	lastError  string
}

var nodeFlag = regexp.MustCompile(`--(hostname-override|node-ip|register-with-taints)=([^ "]*)`)

func (node *kubeletState) supervise() {
	kubeconfig, err := os.ReadFile(kubeletKubeconfig)
	if err != nil || !exists(kubeletConfigPath) {
		*node = kubeletState{}
		return
	}
	if string(kubeconfig) != node.kubeconfig {
		*node = kubeletState{}
		if err := node.start(string(kubeconfig)); err != nil {
			node.complain(err)
			time.Sleep(time.Second)
			return
		}
	}
	if time.Now().Before(node.next) {
		return
	}
	if err := node.report(); err != nil {
		node.complain(err)
		node.next = time.Now().Add(time.Second)
	}
}

// Once for each kind of trouble: the same line every second would hide the rest.
func (node *kubeletState) complain(err error) {
	if err.Error() != node.lastError {
		log.Printf("kubelet: %v", err)
		node.lastError = err.Error()
	}
}

func (node *kubeletState) start(kubeconfig string) error {
	client, err := newClient(kubeletKubeconfig)
	if err != nil {
		return err
	}
	flags, err := os.ReadFile(kubeletFlagsPath)
	if err != nil {
		return err
	}
	node.beat = heartbeat{Register: true}
	for _, flag := range nodeFlag.FindAllStringSubmatch(string(flags), -1) {
		switch flag[1] {
		case "hostname-override":
			node.name = flag[2]
		case "node-ip":
			node.beat.Address = flag[2]
		case "register-with-taints":
			node.beat.Taints = parseTaints(flag[2])
		}
	}
	id, _ := os.ReadFile("/etc/machine-id")
	node.beat.MachineID = strings.TrimSpace(string(id))
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	node.beat.BootID = strings.TrimSpace(string(boot))
	node.client, node.kubeconfig = client, kubeconfig
	log.Printf("kubelet: started for node %s", node.name)
	return nil
}

func parseTaints(text string) []object {
	taints := []object{}
	for _, each := range strings.Split(text, ",") {
		if each == "" {
			continue
		}
		key, effect, _ := strings.Cut(each, ":")
		key, value, hasValue := strings.Cut(key, "=")
		taint := object{"key": key, "effect": effect}
		if hasValue && value != "" {
			taint["value"] = value
		}
		taints = append(taints, taint)
	}
	return taints
}

func networkReady() bool {
	found, _ := filepath.Glob(cniFolder + "/*.conf*")
	return len(found) > 0
}

func (node *kubeletState) report() error {
	node.beat.NetworkReady = networkReady()
	node.beat.Images = carriedImages()
	var answer heartbeatAnswer
	if err := node.client.call(http.MethodPost, "/tiny/v1/heartbeat", node.beat, &answer); err != nil {
		return err
	}
	if node.beat.Register {
		log.Printf("kubelet: node %s is registered", node.name)
	}
	node.beat.Register, node.lastError = false, ""
	pause := 5 * time.Second
	if !answer.Known {
		node.complain(fmt.Errorf("node %q not found", node.name))
	} else if !node.beat.NetworkReady {
		pause = time.Second
		for _, name := range answer.NetworkDaemons {
			log.Printf("kubelet: daemon set %s brings the CNI's configuration", name)
			text := fmt.Sprintf(`{"name":"tiny","cniVersion":"0.3.1","plugins":[{"type":"%s-stand-in"}]}`+"\n", name)
			if err := writeFile(filepath.Join(cniFolder, "10-"+name+".conflist"), []byte(text), 0o644); err != nil {
				return err
			}
			pause = 0
		}
	}
	node.next = time.Now().Add(pause)
	return nil
}
