package main

import (
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// In the API server's place: as much of its paths as the stand-ins and a kubectl that only lists need.
type server struct {
	store     *store
	authority *authority
	http      *http.Server
}

func startServer(port string) (*server, error) {
	ca, err := openAuthority()
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(apiPath, apiKey)
	if err != nil {
		return nil, err
	}
	// A joining node has only a pin: it needs to see the CA.
	pair.Certificate = append(pair.Certificate, ca.certificate.Raw)
	store, err := openStore()
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	config := &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return nil, err
	}
	server := &server{store: store, authority: ca}
	server.http = &http.Server{Handler: server, ReadHeaderTimeout: 30 * time.Second}
	go server.http.Serve(tls.NewListener(listener, config))
	return server, nil
}

func (server *server) stop() { server.http.Close() }

func fail(code int, reason, format string, arguments ...any) error {
	return &apiError{code, reason, fmt.Sprintf(format, arguments...)}
}

func (server *server) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	server.store.mutex.Lock()
	defer server.store.mutex.Unlock()
	answer, err := server.answer(request)
	code := http.StatusOK
	if err != nil {
		var known *apiError
		if !errors.As(err, &known) {
			known = &apiError{http.StatusInternalServerError, "InternalError", err.Error()}
		}
		code = known.code
		answer = object{
			"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Failure",
			"message": known.message, "reason": known.reason, "code": known.code,
		}
	}
	if text, isText := answer.(string); isText {
		fmt.Fprint(writer, text)
		return
	}
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(code)
	json.NewEncoder(writer).Encode(answer)
}

func (server *server) answer(request *http.Request) (any, error) {
	path := request.URL.Path
	switch path {
	case "/readyz", "/livez", "/healthz":
		return "ok", nil
	case "/version":
		major, minor, _ := strings.Cut(strings.TrimPrefix(kubernetesVersion, "v"), ".")
		minor, _, _ = strings.Cut(minor, ".")
		return object{"major": major, "minor": minor, "gitVersion": standInVersion(), "platform": "linux/amd64", "notice": notice}, nil
	case "/tiny/v1/join":
		return server.join(request)
	}
	if request.TLS == nil || len(request.TLS.VerifiedChains) == 0 {
		return nil, fail(http.StatusUnauthorized, "Unauthorized", "Unauthorized")
	}
	subject := request.TLS.VerifiedChains[0][0].Subject
	isNode := slices.Contains(subject.Organization, "system:nodes")
	if path == "/tiny/v1/heartbeat" && isNode {
		return server.heartbeat(request, strings.TrimPrefix(subject.CommonName, "system:node:"))
	}
	if isNode && request.Method != http.MethodGet || isNode && strings.HasPrefix(path, "/tiny/") {
		return nil, fail(http.StatusForbidden, "Forbidden", "user %q cannot %s %s", subject.CommonName, request.Method, path)
	}
	if strings.HasPrefix(path, "/tiny/v1/tokens") {
		return server.tokens(request, strings.Trim(strings.TrimPrefix(path, "/tiny/v1/tokens"), "/"))
	}
	if path == "/tiny/v1/pod-subnet" && request.Method == http.MethodPut {
		if err := json.NewDecoder(request.Body).Decode(&server.store.PodSubnet); err != nil {
			return nil, err
		}
		return object{}, server.store.save()
	}
	if discovered := discovery(path); discovered != nil {
		return discovered, nil
	}
	place, known := placeOf(path)
	if !known {
		return nil, fail(http.StatusNotFound, "NotFound", "the server could not find the requested resource (%s)", notice)
	}
	return server.resource(request, place)
}

func discovery(path string) any {
	groups := []string{"apps/v1", "rbac.authorization.k8s.io/v1"}
	switch path {
	case "/api":
		return object{"kind": "APIVersions", "versions": []string{"v1"}}
	case "/apis":
		list := []object{}
		for _, version := range groups {
			name, short, _ := strings.Cut(version, "/")
			each := object{"groupVersion": version, "version": short}
			list = append(list, object{"name": name, "versions": []object{each}, "preferredVersion": each})
		}
		return object{"kind": "APIGroupList", "apiVersion": "v1", "groups": list}
	}
	version, isGroup := strings.CutPrefix(path, "/apis/")
	if path == "/api/v1" {
		version = "v1"
	} else if !isGroup || !slices.Contains(groups, version) {
		return nil
	}
	resources := []object{}
	for _, kind := range kinds {
		if kind.version == version {
			resources = append(resources, object{
				"name": kind.resource, "singularName": kind.singular(), "namespaced": kind.namespaced, "kind": kind.name,
				"shortNames": kind.short, "verbs": []string{"create", "delete", "get", "list", "patch", "update"},
			})
		}
	}
	return object{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}
}

func bodyOf(request *http.Request) (object, error) {
	var body object
	if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
		return nil, fail(http.StatusBadRequest, "BadRequest", "no JSON: %v", err)
	}
	return body, nil
}

func (server *server) resource(request *http.Request, place place) (any, error) {
	store := server.store
	if place.name == "" && request.Method == http.MethodGet {
		items := []object{}
		for _, value := range store.list(place.kind.resource, place.namespace) {
			items = append(items, store.view(value))
		}
		slices.SortFunc(items, func(first, second object) int {
			return strings.Compare(place.with(first).key(), place.with(second).key())
		})
		return object{
			"kind": place.kind.name + "List", "apiVersion": place.kind.version,
			"metadata": object{"resourceVersion": fmt.Sprint(store.Version)}, "items": items,
		}, nil
	}
	if place.name == "" && request.Method == http.MethodPost {
		body, err := bodyOf(request)
		if err != nil {
			return nil, err
		}
		place = place.with(body)
		if store.Objects[place.key()] != nil {
			return nil, fail(http.StatusConflict, "AlreadyExists", "%s %q already exists", place.kind.full(), place.name)
		}
		if place.kind.namespaced && store.Objects["namespaces//"+place.namespace] == nil {
			return nil, fail(http.StatusNotFound, "NotFound", "namespaces %q not found", place.namespace)
		}
		if place.kind.name == "Pod" {
			store.placePod(body)
		}
		store.put(place, body)
		return store.view(body), store.save()
	}
	old := store.Objects[place.key()]
	if old == nil {
		return nil, fail(http.StatusNotFound, "NotFound", "%s %q not found", place.kind.full(), place.name)
	}
	switch request.Method {
	case http.MethodGet:
		return store.view(old), nil
	case http.MethodDelete:
		store.remove(place)
		return object{"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Success"}, store.save()
	case http.MethodPatch, http.MethodPut:
		body, err := bodyOf(request)
		if err != nil {
			return nil, err
		}
		changed := clone(old)
		if request.Method == http.MethodPut {
			changed = body
		} else {
			merge(changed, body)
		}
		store.put(place, changed)
		return store.view(changed), store.save()
	}
	return nil, fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s is not there in the stand-in", request.Method)
}

// The place of an object that a request brings or a list shows.
func (of place) with(value any) place {
	of.name = textAt(value, "metadata", "name")
	if namespace := textAt(value, "metadata", "namespace"); of.kind.namespaced && namespace != "" {
		of.namespace = namespace
	}
	return of
}

func (store *store) dropExpiredTokens() {
	for id, token := range store.Tokens {
		if time.Now().After(token.Expires) {
			delete(store.Tokens, id)
		}
	}
}

func (server *server) tokens(request *http.Request, id string) (any, error) {
	store := server.store
	store.dropExpiredTokens()
	switch request.Method {
	case http.MethodGet:
		list := []token{}
		for _, token := range store.Tokens {
			list = append(list, token)
		}
		slices.SortFunc(list, func(first, second token) int { return strings.Compare(first.ID, second.ID) })
		return list, nil
	case http.MethodPost:
		var made token
		if err := json.NewDecoder(request.Body).Decode(&made); err != nil {
			return nil, fail(http.StatusBadRequest, "BadRequest", "no JSON: %v", err)
		}
		if _, taken := store.Tokens[made.ID]; taken {
			return nil, fail(http.StatusConflict, "AlreadyExists", "a token with id %q already exists", made.ID)
		}
		store.Tokens[made.ID] = made
		return made, store.save()
	case http.MethodDelete:
		if _, known := store.Tokens[id]; !known {
			return nil, fail(http.StatusNotFound, "NotFound", "secrets \"bootstrap-token-%s\" not found", id)
		}
		delete(store.Tokens, id)
		return object{}, store.save()
	}
	return nil, fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s", request.Method)
}

type joinRequest struct {
	Token    string `json:"token"`
	NodeName string `json:"nodeName"`
	CSR      string `json:"csr"`
}

type joinAnswer struct {
	Certificate string `json:"certificate"`
	ClusterName string `json:"clusterName"`
	// From the cluster's configuration: how long joins take here.
	Settings settings `json:"settings"`
}

func (server *server) join(request *http.Request) (any, error) {
	store := server.store
	var asked joinRequest
	if err := json.NewDecoder(request.Body).Decode(&asked); err != nil {
		return nil, fail(http.StatusBadRequest, "BadRequest", "no JSON: %v", err)
	}
	store.dropExpiredTokens()
	id, secret, _ := strings.Cut(asked.Token, ".")
	token, known := store.Tokens[id]
	if !known || subtle.ConstantTimeCompare([]byte(token.Secret), []byte(secret)) != 1 || !slices.Contains(token.Usages, "authentication") {
		return nil, fail(http.StatusUnauthorized, "Unauthorized", "could not find a JWS signature in the cluster-info ConfigMap for token ID %q", id)
	}
	if store.nodeIsReady(asked.NodeName) {
		return nil, fail(http.StatusConflict, "AlreadyExists", "a Node with name %q and status \"Ready\" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node", asked.NodeName)
	}
	block, _ := pem.Decode([]byte(asked.CSR))
	if block == nil {
		return nil, fail(http.StatusBadRequest, "BadRequest", "no certificate request")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = csr.CheckSignature()
	}
	if err != nil {
		return nil, fail(http.StatusBadRequest, "BadRequest", "certificate request: %v", err)
	}
	certificate, err := server.authority.sign(csr.PublicKey, nodeSubject(asked.NodeName), x509.ExtKeyUsageClientAuth)
	if err != nil {
		return nil, err
	}
	configuration, err := readDocuments(strings.NewReader(textAt(store.Objects["configmaps/kube-system/kubeadm-config"], "data", "ClusterConfiguration")))
	if err != nil {
		return nil, err
	}
	cluster := object{}
	if len(configuration) > 0 {
		cluster = configuration[0]
	}
	return joinAnswer{string(certificate), textAt(cluster, "clusterName"), settingsOf(cluster)}, nil
}

type heartbeat struct {
	// A kubelet registers its node when it starts, and never again: a node that was deleted stays so.
	Register     bool     `json:"register"`
	Address      string   `json:"address"`
	MachineID    string   `json:"machineID"`
	BootID       string   `json:"bootID"`
	Taints       []object `json:"taints"`
	Images       []string `json:"images"`
	NetworkReady bool     `json:"networkReady"`
}

type heartbeatAnswer struct {
	Known          bool     `json:"known"`
	NetworkDaemons []string `json:"networkDaemons"`
}

func (server *server) heartbeat(request *http.Request, name string) (any, error) {
	store := server.store
	var beat heartbeat
	if err := json.NewDecoder(request.Body).Decode(&beat); err != nil {
		return nil, fail(http.StatusBadRequest, "BadRequest", "no JSON: %v", err)
	}
	node, _ := kindOf("Node")
	where := place{node, "", name}
	old := store.Objects[where.key()]
	if old == nil && !beat.Register {
		return heartbeatAnswer{false, []string{}}, nil
	}
	images := []any{}
	for _, image := range beat.Images {
		images = append(images, object{"names": []any{image}})
	}
	status := object{
		"networkReady": beat.NetworkReady, "images": images,
		"addresses": []any{object{"type": "InternalIP", "address": beat.Address}, object{"type": "Hostname", "address": name}},
		"nodeInfo": object{
			"kubeletVersion": standInVersion(), "machineID": beat.MachineID, "bootID": beat.BootID, "osImage": "Replikube tiny (not Kubernetes)",
			"architecture": "amd64", "operatingSystem": "linux", "containerRuntimeVersion": "tiny://0", "kernelVersion": kernelRelease(),
		},
	}
	if old == nil {
		taints := []any{}
		for _, taint := range beat.Taints {
			taints = append(taints, taint)
		}
		fresh := object{
			"metadata": object{"labels": object{"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
			"spec":     object{"podCIDR": store.freePodSubnet(), "taints": taints},
			"status":   status,
		}
		store.put(where, clone(fresh))
	} else if status = clone(status); !equal(at(old, "status"), any(status)) || textAt(old, "spec", "podCIDR") == "" && store.PodSubnet != "" {
		changed := clone(old)
		changed["status"] = status
		if textAt(old, "spec", "podCIDR") == "" {
			changed["spec"].(object)["podCIDR"] = store.freePodSubnet()
		}
		store.put(where, changed)
	} else {
		store.seen[name] = time.Now()
		return heartbeatAnswer{true, store.networkDaemons()}, nil
	}
	store.seen[name] = time.Now()
	return heartbeatAnswer{true, store.networkDaemons()}, store.save()
}

func kernelRelease() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}
