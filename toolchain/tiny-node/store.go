package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	statePath        = stateDir + "/state.json"
	manifestsDir     = kubernetesDir + "/manifests"
	nodeGraceSeconds = 40
	cniFolder        = "/etc/cni/net.d"
)

type token struct {
	ID          string    `json:"id"`
	Secret      string    `json:"secret"`
	Description string    `json:"description,omitempty"`
	Expires     time.Time `json:"expires"`
	Usages      []string  `json:"usages"`
	Groups      []string  `json:"groups"`
}

// All that the cluster is, in one file: it stands for etcd.
type store struct {
	mutex   sync.Mutex
	started time.Time
	// Of kubelets, since the server started.
	seen map[string]time.Time

	Version   int               `json:"resourceVersion"`
	PodSubnet string            `json:"podSubnet"`
	Objects   map[string]object `json:"objects"`
	Tokens    map[string]token  `json:"tokens"`
}

func openStore() (*store, error) {
	store := &store{started: time.Now(), seen: map[string]time.Time{}, Objects: map[string]object{}, Tokens: map[string]token{}}
	text, err := os.ReadFile(statePath)
	if os.IsNotExist(err) {
		for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
			namespace, _ := kindOf("Namespace")
			store.put(place{namespace, "", name}, object{})
		}
		return store, store.save()
	}
	if err != nil {
		return nil, err
	}
	return store, json.Unmarshal(text, store)
}

func (store *store) save() error {
	text, err := json.Marshal(store)
	if err != nil {
		return err
	}
	return writeFile(statePath, text, 0o600)
}

func newUID() string {
	var bytes [16]byte
	rand.Read(bytes[:])
	bytes[6], bytes[8] = bytes[6]&0x0f|0x40, bytes[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}

// Gives an object what the API server gives it.
func (store *store) put(place place, value object) {
	value["apiVersion"], value["kind"] = place.kind.version, place.kind.name
	metadata, isObject := value["metadata"].(object)
	if !isObject {
		metadata = object{}
		value["metadata"] = metadata
	}
	metadata["name"] = place.name
	if place.kind.namespaced {
		metadata["namespace"] = place.namespace
	}
	old := store.Objects[place.key()]
	if old == nil {
		metadata["uid"], metadata["creationTimestamp"] = newUID(), time.Now().UTC().Format(time.RFC3339)
	} else {
		metadata["uid"], metadata["creationTimestamp"] = at(old, "metadata", "uid"), at(old, "metadata", "creationTimestamp")
	}
	store.Version++
	metadata["resourceVersion"] = fmt.Sprint(store.Version)
	store.Objects[place.key()] = value
}

func (store *store) remove(place place) {
	delete(store.Objects, place.key())
	if place.kind.name == "Namespace" {
		for key := range store.Objects {
			if strings.Split(key, "/")[1] == place.name {
				delete(store.Objects, key)
			}
		}
	}
}

// Keys are sorted by whoever shows them.
func (store *store) list(resource, namespace string) []object {
	var found []object
	for key, value := range store.Objects {
		words := strings.Split(key, "/")
		if words[0] == resource && (namespace == "" || words[1] == namespace) {
			found = append(found, value)
		}
	}
	return found
}

func controlPlaneRuns(component string) bool {
	return exists(filepath.Join(manifestsDir, component+".yaml"))
}

// The first free /24 of the pod subnet; the controller manager hands them out.
func (store *store) freePodSubnet() string {
	taken := map[string]bool{}
	for _, node := range store.list("nodes", "") {
		taken[textAt(node, "spec", "podCIDR")] = true
	}
	subnet, err := netip.ParsePrefix(store.PodSubnet)
	if err != nil || !subnet.Addr().Is4() {
		return ""
	}
	bytes := subnet.Masked().Addr().As4()
	for {
		candidate := netip.PrefixFrom(netip.AddrFrom4(bytes), 24)
		if !subnet.Contains(candidate.Addr()) {
			return ""
		}
		if !taken[candidate.String()] {
			return candidate.String()
		}
		if bytes[2]++; bytes[2] == 0 {
			bytes[1]++
		}
	}
}

func (store *store) nodeReady(node object) (status, reason, message string) {
	name := textAt(node, "metadata", "name")
	seen, known := store.seen[name]
	if !known {
		seen = store.started
	}
	if time.Since(seen) > nodeGraceSeconds*time.Second {
		return "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."
	}
	if ready, _ := at(node, "status", "networkReady").(bool); ready {
		return "True", "KubeletReady", "tiny stand-in is posting ready status"
	}
	return "False", "KubeletNotReady", "container runtime network not ready: cni plugin not initialized"
}

func (store *store) nodeIsReady(name string) bool {
	node := store.Objects["nodes//"+name]
	if node == nil {
		return false
	}
	status, _, _ := store.nodeReady(node)
	return status == "True"
}

func (store *store) anyNodeReady() int {
	count := 0
	for _, node := range store.list("nodes", "") {
		if store.nodeIsReady(textAt(node, "metadata", "name")) {
			count++
		}
	}
	return count
}

func condition(name string, holds bool, reason string) object {
	status := "False"
	if holds {
		status = "True"
	}
	return object{"type": name, "status": status, "reason": reason}
}

// Why a pod cannot run on its node; empty when it can.
func (store *store) podProblem(pod object) string {
	name := textAt(pod, "spec", "nodeName")
	if name == "" {
		return "Unschedulable"
	}
	if !store.nodeIsReady(name) {
		return "NetworkNotReady"
	}
	carried := map[string]bool{}
	for _, image := range listAt(store.Objects["nodes//"+name], "status", "images") {
		for _, reference := range listAt(image, "names") {
			carried[fmt.Sprint(reference)] = true
		}
	}
	for _, container := range listAt(pod, "spec", "containers") {
		if !carried[textAt(container, "image")] {
			return "ErrImageNeverPull"
		}
	}
	return ""
}

// The object as it is shown: with a status that is worked out now.
func (store *store) view(value object) object {
	shown := clone(value)
	status, isObject := shown["status"].(object)
	if !isObject {
		status = object{}
		shown["status"] = status
	}
	switch textAt(shown, "kind") {
	case "Node":
		state, reason, message := store.nodeReady(value)
		delete(status, "networkReady")
		status["conditions"] = []any{object{"type": "Ready", "status": state, "reason": reason, "message": message}}
	case "Namespace":
		status["phase"] = "Active"
	case "Pod":
		problem := store.podProblem(value)
		created, _ := time.Parse(time.RFC3339, textAt(value, "metadata", "creationTimestamp"))
		ready := problem == "" && time.Since(created) > time.Second
		status["phase"] = "Pending"
		if ready {
			status["phase"] = "Running"
		} else {
			delete(status, "podIP")
		}
		status["conditions"] = []any{
			condition("PodScheduled", textAt(value, "spec", "nodeName") != "", problem), condition("Ready", ready, problem),
		}
	case "Deployment":
		available := store.anyNodeReady() > 0 && controlPlaneRuns("kube-controller-manager") && controlPlaneRuns("kube-scheduler")
		replicas := numberAt(value, 1, "spec", "replicas")
		status["replicas"] = replicas
		if available {
			status["readyReplicas"], status["availableReplicas"] = replicas, replicas
		}
		status["conditions"] = []any{condition("Available", available, "TinyStandIn")}
	case "DaemonSet":
		ready := store.anyNodeReady()
		status["desiredNumberScheduled"], status["numberReady"] = len(store.list("nodes", "")), ready
	}
	return shown
}

// What the scheduler and the node's CNI would add.
func (store *store) placePod(pod object) {
	spec, isObject := pod["spec"].(object)
	if !isObject {
		return
	}
	if textAt(pod, "spec", "nodeName") == "" && controlPlaneRuns("kube-scheduler") {
		for _, node := range store.list("nodes", "") {
			cordoned, _ := at(node, "spec", "unschedulable").(bool)
			if store.nodeIsReady(textAt(node, "metadata", "name")) && len(listAt(node, "spec", "taints")) == 0 && !cordoned {
				spec["nodeName"] = textAt(node, "metadata", "name")
				break
			}
		}
	}
	subnet, err := netip.ParsePrefix(textAt(store.Objects["nodes//"+textAt(pod, "spec", "nodeName")], "spec", "podCIDR"))
	if err != nil {
		return
	}
	taken := map[string]bool{}
	for _, other := range store.list("pods", "") {
		taken[textAt(other, "status", "podIP")] = true
	}
	for address := subnet.Addr().Next().Next(); subnet.Contains(address); address = address.Next() {
		if !taken[address.String()] {
			pod["status"] = object{"podIP": address.String()}
			return
		}
	}
}

// Names of the daemon sets that would bring a CNI's configuration to every node.
func (store *store) networkDaemons() []string {
	names := []string{}
	// Without a pod subnet of its own, which the controller manager gives it, no node can serve pods.
	if !controlPlaneRuns("kube-controller-manager") {
		return names
	}
	for _, daemon := range store.list("daemonsets", "") {
		for _, volume := range listAt(daemon, "spec", "template", "spec", "volumes") {
			if strings.HasPrefix(textAt(volume, "hostPath", "path"), cniFolder) {
				names = append(names, textAt(daemon, "metadata", "name"))
			}
		}
	}
	return names
}
