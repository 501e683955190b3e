package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	callsPath   = "/var/log/tiny-kubeadm.log"
	adminConfig = kubernetesDir + "/admin.conf"
	apiVersion  = "kubeadm.k8s.io/v1beta4"
)

var (
	tokenPattern  = regexp.MustCompile(`\b([a-z0-9]{6})\.([a-z0-9]{16})\b`)
	tokenWhole    = regexp.MustCompile(`^([a-z0-9]{6})\.([a-z0-9]{16})$`)
	nodeNameWhole = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	// Public part of a token.
	tokenID = regexp.MustCompile(`^[a-z0-9]{6}$`)
)

func kubeadm(arguments []string) error {
	line, err := parseFlags(arguments,
		[]string{"skip-token-print", "force", "f", "print-join-command", "help"},
		[]string{"config", "kubeconfig", "skip-phases", "cri-socket", "o", "output", "v", "ttl", "description"})
	if err != nil {
		return err
	}
	record := openRecord(arguments)
	err = kubeadmCommand(line)
	record(err)
	return err
}

func kubeadmCommand(line commandLine) error {
	switch command := strings.Join(line.words, " "); {
	case command == "version":
		if line.flag("o", "output") == "short" {
			fmt.Println(standInVersion())
		} else {
			fmt.Printf("kubeadm version: %s (%s)\n", standInVersion(), notice)
		}
		return nil
	case command == "init":
		return kubeadmInit(line)
	case strings.HasPrefix(command, "init phase "):
		return kubeadmInitPhase(line)
	case command == "join":
		return kubeadmJoin(line)
	case command == "reset":
		return kubeadmReset()
	case strings.HasPrefix(command, "token "):
		return kubeadmToken(line)
	}
	return fmt.Errorf("kubeadm %s: not in the stand-in; %s", strings.Join(line.words, " "), notice)
}

// One line when a call begins and one when it ends, so that a killed one shows too. No secrets.
func openRecord(arguments []string) func(error) {
	begin := time.Now()
	write := func(fields object) {
		fields["time"], fields["pid"] = time.Now().UTC().Format(time.RFC3339Nano), os.Getpid()
		line, err := json.Marshal(fields)
		if err != nil {
			return
		}
		line = tokenPattern.ReplaceAll(line, []byte("$1.****************"))
		file, err := os.OpenFile(callsPath, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return
		}
		defer file.Close()
		file.Write(append(line, '\n'))
		file.Sync()
	}
	write(object{"event": "begins", "argv": append([]string{"kubeadm"}, arguments...)})
	return func(err error) {
		fields := object{"event": "ends", "seconds": time.Since(begin).Seconds(), "succeeded": err == nil}
		if err != nil {
			fields["error"] = err.Error()
		}
		write(fields)
	}
}

// The documents of a configuration file by kind; kubeadm's own must be of the version that the image takes.
func readConfiguration(path string, wanted ...string) (map[string]object, error) {
	if path == "" {
		return nil, errors.New("the stand-in needs --config")
	}
	documents, err := readDocumentsOf(path)
	if err != nil {
		return nil, fmt.Errorf("error loading config file: %w", err)
	}
	found := map[string]object{}
	for _, document := range documents {
		version, kind := textAt(document, "apiVersion"), textAt(document, "kind")
		if strings.HasPrefix(version, "kubeadm.k8s.io/") && version != apiVersion {
			return nil, fmt.Errorf("your configuration file uses API version %q, the stand-in takes %q", version, apiVersion)
		}
		if kind == "" || version == "" {
			return nil, errors.New("kind and apiVersion are mandatory information that must be specified")
		}
		if found[kind] != nil {
			return nil, fmt.Errorf("duplicated kind %s in %s", kind, path)
		}
		found[kind] = document
	}
	for _, kind := range wanted {
		if found[kind] == nil {
			return nil, fmt.Errorf("no %s in %s", kind, path)
		}
	}
	return found, nil
}

// What of a node's registration both init and join need.
type registration struct {
	name, address, criSocket string
	taints                   []any
}

func readRegistration(document object) (registration, []string) {
	found := registration{
		name: textAt(document, "nodeRegistration", "name"), criSocket: textAt(document, "nodeRegistration", "criSocket"),
		taints: listAt(document, "nodeRegistration", "taints"),
	}
	for _, argument := range listAt(document, "nodeRegistration", "kubeletExtraArgs") {
		if textAt(argument, "name") == "node-ip" {
			found.address = textAt(argument, "value")
		}
	}
	problems := []string{}
	if !nodeNameWhole.MatchString(found.name) {
		problems = append(problems, fmt.Sprintf("nodeRegistration.name: %q is no node name", found.name))
	}
	if !isOwnAddress(found.address) {
		problems = append(problems, fmt.Sprintf("kubelet argument node-ip: %q is no address of this machine", found.address))
	}
	socket := strings.TrimPrefix(found.criSocket, "unix://")
	if connection, err := net.Dial("unix", socket); err != nil {
		problems = append(problems, fmt.Sprintf("container runtime is not running: %v", err))
	} else {
		connection.Close()
	}
	return found, problems
}

func isOwnAddress(text string) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(addresses, func(address net.Addr) bool {
		network, isNetwork := address.(*net.IPNet)
		return isNetwork && network.IP.String() == text
	})
}

func failPreflight(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	text := "error execution phase preflight: [preflight] Some fatal errors occurred:"
	for _, problem := range problems {
		text += "\n\t[ERROR] " + problem
	}
	return errors.New(text)
}

func presentFiles(paths ...string) []string {
	problems := []string{}
	for _, path := range paths {
		if exists(path) {
			problems = append(problems, fmt.Sprintf("%s already exists", path))
		}
	}
	return problems
}

// The kubelet runs, and listens, once it is configured.
func kubeletProblems() []string {
	if !exists(kubeletConfigPath) {
		return nil
	}
	return []string{"Port 10250 is in use"}
}

type initPlan struct {
	cluster, init, kubelet object
	node                   registration
	endpoint, port         string
	settings               settings
}

func readInit(path string) (initPlan, []string, error) {
	documents, err := readConfiguration(path, "InitConfiguration", "ClusterConfiguration")
	if err != nil {
		return initPlan{}, nil, err
	}
	plan := initPlan{cluster: documents["ClusterConfiguration"], init: documents["InitConfiguration"], kubelet: documents["KubeletConfiguration"]}
	plan.settings = settingsOf(plan.cluster)
	node, problems := readRegistration(plan.init)
	plan.node, plan.endpoint = node, textAt(plan.cluster, "controlPlaneEndpoint")
	plan.port = fmt.Sprint(numberAt(plan.init, 6443, "localAPIEndpoint", "bindPort"))
	if advertised := textAt(plan.init, "localAPIEndpoint", "advertiseAddress"); !isOwnAddress(advertised) {
		problems = append(problems, fmt.Sprintf("localAPIEndpoint.advertiseAddress: %q is no address of this machine", advertised))
	}
	if _, _, err := net.SplitHostPort(plan.endpoint); err != nil {
		problems = append(problems, fmt.Sprintf("controlPlaneEndpoint: %v", err))
	}
	if version := textAt(plan.cluster, "kubernetesVersion"); version != kubernetesVersion {
		problems = append(problems, fmt.Sprintf("kubernetesVersion: the image carries %s, not %s", kubernetesVersion, version))
	}
	for _, name := range []string{"podSubnet", "serviceSubnet"} {
		if _, err := netip.ParsePrefix(textAt(plan.cluster, "networking", name)); err != nil {
			problems = append(problems, fmt.Sprintf("networking.%s: %v", name, err))
		}
	}
	for _, each := range listAt(plan.init, "bootstrapTokens") {
		if _, err := readToken(each); err != nil {
			problems = append(problems, err.Error())
		}
	}
	return plan, problems, nil
}

func kubeadmInit(line commandLine) error {
	plan, problems, err := readInit(line.flags["config"])
	if err != nil {
		return err
	}
	fmt.Printf("[init] Using Kubernetes version: %s (%s)\n[preflight] Running pre-flight checks\n", standInVersion(), notice)
	// Certificates and kubeconfigs that are there are no problem to kubeadm init, unlike to join.
	problems = append(problems, presentFiles(apiServerManifest, manifestsDir+"/etcd.yaml")...)
	problems = append(problems, kubeletProblems()...)
	if connection, err := net.Listen("tcp", ":"+plan.port); err != nil {
		problems = append(problems, fmt.Sprintf("Port %s is in use", plan.port))
	} else {
		connection.Close()
	}
	if err := failPreflight(problems); err != nil {
		return err
	}
	skipped := strings.Split(line.flags["skip-phases"], ",")
	spend(plan.settings.InitSeconds, 0.1)
	if err := plan.makeCertificates(); err != nil {
		return err
	}
	spend(plan.settings.InitSeconds, 0.2)
	fmt.Println("[kubeconfig] Using kubeconfig folder \"/etc/kubernetes\"")
	if err := plan.makeKubeconfigs(); err != nil {
		return err
	}
	spend(plan.settings.InitSeconds, 0.1)
	if plan.settings.InitFails != "" {
		return fmt.Errorf("error execution phase etcd: %s", plan.settings.InitFails)
	}
	for _, component := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		short := strings.TrimPrefix(component, "kube-")
		if slices.Contains(skipped, "control-plane/"+short) {
			continue
		}
		if err := plan.writeManifest(component); err != nil {
			return err
		}
	}
	fmt.Println("[kubelet-start] Starting the kubelet")
	if err := writeKubeletFiles(plan.node, plan.kubelet); err != nil {
		return err
	}
	spend(plan.settings.InitSeconds, 0.4)
	admin, err := newClient(adminConfig)
	if err != nil {
		return err
	}
	if err := waitFor("the API server", func() error { return admin.call(http.MethodGet, "/api/v1/namespaces", nil, nil) }); err != nil {
		return err
	}
	if err := plan.fillCluster(admin); err != nil {
		return err
	}
	spend(plan.settings.InitSeconds, 0.2)
	fmt.Printf("\nYour Kubernetes control-plane has initialized successfully! (%s)\n", notice)
	return nil
}

func (plan initPlan) makeCertificates() error {
	if exists(caPath) && exists(caKey) {
		fmt.Println("[certs] Using existing ca certificate authority")
	} else {
		fmt.Println("[certs] Generating \"ca\" certificate and key")
		if err := makeAuthority(); err != nil {
			return err
		}
	}
	ca, err := openAuthority()
	if err != nil {
		return err
	}
	key, keyPem, err := newKey()
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(plan.endpoint)
	addresses := []net.IP{net.ParseIP(plan.node.address), net.ParseIP(host), net.IPv4(127, 0, 0, 1)}
	addresses = slices.DeleteFunc(addresses, func(address net.IP) bool { return address == nil })
	certificate, err := ca.sign(&key.PublicKey, subjectOf("kube-apiserver"), x509.ExtKeyUsageServerAuth, addresses...)
	if err != nil {
		return err
	}
	return errors.Join(writeFile(apiKey, keyPem, 0o600), writeFile(apiPath, certificate, 0o644))
}

func (plan initPlan) makeKubeconfigs() error {
	ca, err := openAuthority()
	if err != nil {
		return err
	}
	name := textAt(plan.cluster, "clusterName")
	admin := subjectOf("kubernetes-admin")
	admin.Organization = []string{"kubeadm:cluster-admins"}
	super := subjectOf("kubernetes-super-admin")
	super.Organization = []string{"system:masters"}
	return errors.Join(
		ca.issueKubeconfig(adminConfig, plan.endpoint, name, "kubernetes-admin", admin),
		ca.issueKubeconfig(kubernetesDir+"/super-admin.conf", plan.endpoint, name, "kubernetes-super-admin", super),
		ca.issueKubeconfig(kubeletKubeconfig, plan.endpoint, name, "system:node:"+plan.node.name, nodeSubject(plan.node.name)),
		ca.issueKubeconfig(kubernetesDir+"/controller-manager.conf", plan.endpoint, name, "system:kube-controller-manager", subjectOf("system:kube-controller-manager")),
		ca.issueKubeconfig(kubernetesDir+"/scheduler.conf", plan.endpoint, name, "system:kube-scheduler", subjectOf("system:kube-scheduler")),
	)
}

func (plan initPlan) writeManifest(component string) error {
	command := []any{component}
	if component == "kube-apiserver" {
		command = append(command, "--advertise-address="+textAt(plan.init, "localAPIEndpoint", "advertiseAddress"), "--secure-port="+plan.port)
	}
	for _, argument := range listAt(plan.cluster, map[string]string{
		"kube-apiserver": "apiServer", "kube-controller-manager": "controllerManager", "kube-scheduler": "scheduler", "etcd": "etcd",
	}[component], "extraArgs") {
		command = append(command, fmt.Sprintf("--%s=%s", textAt(argument, "name"), textAt(argument, "value")))
	}
	text, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{"name": component, "namespace": "kube-system", "labels": object{"component": component, "tier": "control-plane"},
			"annotations": object{"replikube.invalid/notice": notice}},
		"spec": object{"hostNetwork": true, "containers": []any{object{"name": component, "command": command}}},
	})
	if err != nil {
		return err
	}
	fmt.Printf("[control-plane] Creating static Pod manifest for %q\n", component)
	return writeFile(filepath.Join(manifestsDir, component+".yaml"), text, 0o600)
}

func writeKubeletFiles(node registration, configuration object) error {
	if configuration == nil {
		configuration = emptyKubeletConfiguration()
	}
	text, err := yaml.Marshal(configuration)
	if err != nil {
		return err
	}
	taints := []string{}
	for _, taint := range node.taints {
		taints = append(taints, fmt.Sprintf("%s=%s:%s", textAt(taint, "key"), textAt(taint, "value"), textAt(taint, "effect")))
	}
	flags := fmt.Sprintf("KUBELET_KUBEADM_ARGS=\"--hostname-override=%s --node-ip=%s --register-with-taints=%s\"\n", node.name, node.address, strings.Join(taints, ","))
	// The configuration is what the kubelet waits for: it comes last.
	return errors.Join(writeFile(kubeletFlagsPath, []byte(flags), 0o644), writeFile(kubeletConfigPath, text, 0o644))
}

// The ConfigMaps that kubeadm keeps its configuration in; what is there is replaced.
func (plan initPlan) uploadConfig(admin *client) error {
	fmt.Println("[upload-config] Storing the configuration used in ConfigMaps in the \"kube-system\" Namespace")
	kubelet := plan.kubelet
	if kubelet == nil {
		kubelet = emptyKubeletConfiguration()
	}
	kind, _ := kindOf("ConfigMap")
	for _, each := range []struct {
		name, key string
		document  object
	}{{"kubeadm-config", "ClusterConfiguration", plan.cluster}, {"kubelet-config", "kubelet", kubelet}} {
		text, err := yaml.Marshal(each.document)
		if err != nil {
			return err
		}
		value := object{"metadata": object{"name": each.name}, "data": object{each.key: string(text)}}
		err = admin.call(http.MethodPut, kind.path("kube-system", each.name), value, nil)
		if isNotFound(err) {
			err = admin.call(http.MethodPost, kind.path("kube-system", ""), value, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func emptyKubeletConfiguration() object {
	return object{"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}
}

func (plan initPlan) fillCluster(admin *client) error {
	post := func(kindName, namespace string, value object) error {
		kind, _ := kindOf(kindName)
		return admin.call(http.MethodPost, kind.path(namespace, ""), value, nil)
	}
	apps := func(name string) object {
		return object{"metadata": object{"name": name}, "spec": object{"template": object{"spec": object{}}}}
	}
	coredns := apps("coredns")
	coredns["spec"].(object)["replicas"] = 2
	err := errors.Join(
		plan.uploadConfig(admin),
		post("DaemonSet", "kube-system", apps("kube-proxy")),
		post("Deployment", "kube-system", coredns),
		admin.call(http.MethodPut, "/tiny/v1/pod-subnet", textAt(plan.cluster, "networking", "podSubnet"), nil),
	)
	if err != nil {
		return err
	}
	fmt.Printf("[mark-control-plane] Marking the node %s as control-plane\n", plan.node.name)
	nodes, _ := kindOf("Node")
	labels := object{"metadata": object{"labels": object{"node-role.kubernetes.io/control-plane": "", "node.kubernetes.io/exclude-from-external-load-balancers": ""}}}
	if err := waitFor("this node", func() error { return admin.call(http.MethodPatch, nodes.path("", plan.node.name), labels, nil) }); err != nil {
		return err
	}
	fmt.Println("[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles")
	for _, each := range listAt(plan.init, "bootstrapTokens") {
		token, err := readToken(each)
		if err == nil {
			err = admin.call(http.MethodPost, "/tiny/v1/tokens", token, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const waitSeconds = 60

func waitFor(what string, try func() error) error {
	deadline := time.Now().Add(waitSeconds * time.Second)
	for {
		err := try()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not there after %d s: %w", what, waitSeconds, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func kubeadmInitPhase(line commandLine) error {
	if phase := strings.Join(line.words[2:], " "); phase == "upload-config all" {
		plan, _, err := readInit(line.flags["config"])
		if err != nil {
			return err
		}
		admin, err := newClient(adminConfig)
		if err != nil {
			return err
		}
		return plan.uploadConfig(admin)
	}
	component, known := map[string]string{
		"control-plane apiserver": "kube-apiserver", "control-plane controller-manager": "kube-controller-manager",
		"control-plane scheduler": "kube-scheduler", "etcd local": "etcd",
	}[strings.Join(line.words[2:], " ")]
	if !known {
		return fmt.Errorf("kubeadm init phase %s: not in the stand-in", strings.Join(line.words[2:], " "))
	}
	plan, problems, err := readInit(line.flags["config"])
	if err == nil {
		err = failPreflight(problems)
	}
	if err != nil {
		return err
	}
	return plan.writeManifest(component)
}

func kubeadmJoin(line commandLine) error {
	documents, err := readConfiguration(line.flags["config"], "JoinConfiguration")
	if err != nil {
		return err
	}
	document := documents["JoinConfiguration"]
	fmt.Printf("[preflight] Running pre-flight checks (%s)\n", notice)
	node, problems := readRegistration(document)
	problems = append(problems, presentFiles(caPath, kubeletKubeconfig, kubernetesDir+"/bootstrap-kubelet.conf")...)
	problems = append(problems, kubeletProblems()...)
	discovery := at(document, "discovery", "bootstrapToken")
	if !tokenWhole.MatchString(textAt(discovery, "token")) {
		problems = append(problems, "discovery.bootstrapToken.token: the bootstrap token is invalid")
	}
	pins := []string{}
	for _, pin := range listAt(discovery, "caCertHashes") {
		pins = append(pins, fmt.Sprint(pin))
	}
	if unsafe, _ := at(discovery, "unsafeSkipCAVerification").(bool); len(pins) == 0 && !unsafe {
		problems = append(problems, "discovery.bootstrapToken.caCertHashes: none, and unsafeSkipCAVerification is not set")
	}
	if err := failPreflight(problems); err != nil {
		return err
	}
	endpoint := textAt(discovery, "apiServerEndpoint")
	ca, err := discoverAuthority(endpoint, pins)
	if err != nil {
		return fmt.Errorf("error execution phase preflight: couldn't validate the identity of the API Server: %w", err)
	}
	key, keyPem, err := newKey()
	if err != nil {
		return err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: nodeSubject(node.name)}, key)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	bootstrap := &client{"https://" + endpoint, &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}}
	var answer joinAnswer
	request := joinRequest{textAt(discovery, "token"), node.name, string(pemOf("CERTIFICATE REQUEST", csr))}
	if err := bootstrap.call(http.MethodPost, "/tiny/v1/join", request, &answer); err != nil {
		return fmt.Errorf("error execution phase preflight: couldn't validate the identity of the API Server: %w", err)
	}
	spend(answer.Settings.JoinSeconds, 0.3)
	caPem := pemOf("CERTIFICATE", ca.Raw)
	if err := writeFile(caPath, caPem, 0o644); err != nil {
		return err
	}
	fmt.Println("[kubelet-start] Starting the kubelet")
	if answer.Settings.JoinFails != "" {
		return fmt.Errorf("error execution phase kubelet-start: %s", answer.Settings.JoinFails)
	}
	if err := writeKubeletFiles(node, nil); err != nil {
		return err
	}
	spend(answer.Settings.JoinSeconds, 0.5)
	fmt.Println("[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap")
	if err := writeKubeconfig(kubeletKubeconfig, endpoint, answer.ClusterName, "system:node:"+node.name, caPem, []byte(answer.Certificate), keyPem); err != nil {
		return err
	}
	kubelet, err := newClient(kubeletKubeconfig)
	if err != nil {
		return err
	}
	nodes, _ := kindOf("Node")
	if err := waitFor("this node", func() error { return kubelet.call(http.MethodGet, nodes.path("", node.name), nil, nil) }); err != nil {
		return err
	}
	spend(answer.Settings.JoinSeconds, 0.2)
	fmt.Printf("\nThis node has joined the cluster (%s)\n", notice)
	return nil
}

// The CA that the control plane shows, when it has one of the pins and has signed what the control plane serves with.
func discoverAuthority(endpoint string, pins []string) (*x509.Certificate, error) {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return nil, err
	}
	// Verified below, by the pin.
	connection, err := tls.DialWithDialer(&net.Dialer{Timeout: 20 * time.Second}, "tcp", endpoint, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	chain := connection.ConnectionState().PeerCertificates
	ca := chain[len(chain)-1]
	if len(pins) > 0 && !slices.Contains(pins, pinOf(ca)) {
		return nil, fmt.Errorf("none of the public keys %q are pinned", pinOf(ca))
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	_, err = chain[0].Verify(x509.VerifyOptions{Roots: pool, DNSName: host})
	return ca, err
}

// What kubeadm reset takes away. The node stays in the cluster, and the CNI's configuration on the machine, as with kubeadm.
func kubeadmReset() error {
	fmt.Printf("[reset] Deleting what kubeadm made (%s)\n", notice)
	served := servedPort()
	paths, _ := filepath.Glob(manifestsDir + "/*.yaml")
	confs, _ := filepath.Glob(kubernetesDir + "/*.conf")
	paths = append(append(paths, confs...), kubernetesDir+"/pki", kubeletConfigPath, kubeletFlagsPath)
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	if served != "" {
		err := waitFor("the end of the API server", func() error {
			listener, err := net.Listen("tcp", ":"+served)
			if err != nil {
				return err
			}
			return listener.Close()
		})
		if err != nil {
			return err
		}
	}
	return os.RemoveAll(statePath)
}

func servedPort() string {
	manifest, _ := os.ReadFile(apiServerManifest)
	if match := securePort.FindSubmatch(manifest); match != nil {
		return string(match[1])
	}
	return ""
}

func readToken(document any) (token, error) {
	text := textAt(document, "token")
	if text == "" {
		text = newToken()
	}
	match := tokenWhole.FindStringSubmatch(text)
	if match == nil {
		return token{}, errors.New("the bootstrap token is not of the form [a-z0-9]{6}.[a-z0-9]{16}")
	}
	lifetime := 24 * time.Hour
	if ttl := textAt(document, "ttl"); ttl != "" {
		parsed, err := time.ParseDuration(ttl)
		if err != nil {
			return token{}, fmt.Errorf("bootstrapTokens.ttl: %w", err)
		}
		lifetime = parsed
	}
	list := func(key string, otherwise ...string) []string {
		found := []string{}
		for _, each := range listAt(document, key) {
			found = append(found, fmt.Sprint(each))
		}
		if len(found) == 0 {
			return otherwise
		}
		return found
	}
	return token{
		ID: match[1], Secret: match[2], Description: textAt(document, "description"), Expires: time.Now().Add(lifetime).UTC(),
		Usages: list("usages", "signing", "authentication"), Groups: list("groups", "system:bootstrappers:kubeadm:default-node-token"),
	}, nil
}

func newToken() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	bytes := make([]byte, 22)
	rand.Read(bytes)
	for index := range bytes {
		bytes[index] = letters[int(bytes[index])%len(letters)]
	}
	return string(bytes[:6]) + "." + string(bytes[6:])
}

func kubeadmToken(line commandLine) error {
	kubeconfig := line.flag("kubeconfig")
	if kubeconfig == "" {
		kubeconfig = adminConfig
	}
	admin, err := newClient(kubeconfig)
	if err != nil {
		return err
	}
	switch line.word(1) {
	case "create":
		document := any(object{"token": line.word(2), "ttl": line.flags["ttl"], "description": line.flags["description"]})
		if path := line.flags["config"]; path != "" {
			documents, err := readConfiguration(path, "InitConfiguration")
			if err != nil {
				return err
			}
			tokens := listAt(documents["InitConfiguration"], "bootstrapTokens")
			if len(tokens) != 1 {
				return fmt.Errorf("expected one bootstrap token in %s, got %d", path, len(tokens))
			}
			document = tokens[0]
		}
		made, err := readToken(document)
		if err == nil {
			err = admin.call(http.MethodPost, "/tiny/v1/tokens", made, nil)
		}
		if err != nil {
			return err
		}
		fmt.Println(made.ID + "." + made.Secret)
		return nil
	case "list":
		var tokens []token
		if err := admin.call(http.MethodGet, "/tiny/v1/tokens", nil, &tokens); err != nil {
			return err
		}
		return printTokens(os.Stdout, tokens, line.flag("o", "output") == "json")
	case "delete":
		for _, word := range line.words[2:] {
			id, _, _ := strings.Cut(word, ".")
			if !tokenID.MatchString(id) {
				return errors.New("given token didn't match pattern [a-z0-9]{6}")
			}
			if err := admin.call(http.MethodDelete, "/tiny/v1/tokens/"+id, nil, nil); err != nil {
				return fmt.Errorf("failed to delete bootstrap token %q: %w", id, err)
			}
			fmt.Printf("bootstrap token %q deleted\n", id)
		}
		return nil
	}
	return fmt.Errorf("kubeadm token %s: not in the stand-in", line.word(1))
}

// One JSON object after the other, as kubeadm prints them.
func printTokens(writer io.Writer, tokens []token, asJSON bool) error {
	if !asJSON && len(tokens) > 0 {
		fmt.Fprintln(writer, "TOKEN                     TTL         EXPIRES                USAGES                   DESCRIPTION")
	}
	for _, token := range tokens {
		expires := token.Expires.Format(time.RFC3339)
		if !asJSON {
			fmt.Fprintf(writer, "%s.%s   %-10s  %s   %s   %s\n", token.ID, token.Secret, time.Until(token.Expires).Round(time.Minute), expires, strings.Join(token.Usages, ","), token.Description)
			continue
		}
		text, err := json.MarshalIndent(object{
			"kind": "BootstrapToken", "apiVersion": "output.kubeadm.k8s.io/v1alpha3", "token": token.ID + "." + token.Secret,
			"description": token.Description, "expires": expires, "usages": token.Usages, "groups": token.Groups,
		}, "", "    ")
		if err != nil {
			return err
		}
		if _, err := io.Copy(writer, bytes.NewReader(append(text, '\n'))); err != nil {
			return err
		}
	}
	return nil
}
