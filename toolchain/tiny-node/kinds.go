package main

import "strings"

type kind struct {
	name, resource, version string
	namespaced              bool
	short                   []string
}

var kinds = []kind{
	{"Node", "nodes", "v1", false, []string{"no"}},
	{"Namespace", "namespaces", "v1", false, []string{"ns"}},
	{"Pod", "pods", "v1", true, []string{"po"}},
	{"Service", "services", "v1", true, []string{"svc"}},
	{"ConfigMap", "configmaps", "v1", true, []string{"cm"}},
	{"Secret", "secrets", "v1", true, nil},
	{"ServiceAccount", "serviceaccounts", "v1", true, []string{"sa"}},
	{"DaemonSet", "daemonsets", "apps/v1", true, []string{"ds"}},
	{"Deployment", "deployments", "apps/v1", true, []string{"deploy"}},
	{"ClusterRole", "clusterroles", "rbac.authorization.k8s.io/v1", false, nil},
	{"ClusterRoleBinding", "clusterrolebindings", "rbac.authorization.k8s.io/v1", false, nil},
	{"Role", "roles", "rbac.authorization.k8s.io/v1", true, nil},
	{"RoleBinding", "rolebindings", "rbac.authorization.k8s.io/v1", true, nil},
}

// By any name that people use: Node, node, nodes, no.
func kindOf(name string) (kind, bool) {
	lower := strings.ToLower(name)
	lower, _, _ = strings.Cut(lower, ".")
	for _, kind := range kinds {
		if lower == kind.resource || lower == strings.ToLower(kind.name) {
			return kind, true
		}
		for _, short := range kind.short {
			if lower == short {
				return kind, true
			}
		}
	}
	return kind{}, false
}

// As error messages name it: nodes, deployments.apps.
func (kind kind) full() string {
	group, _, hasGroup := strings.Cut(kind.version, "/")
	if !hasGroup {
		return kind.resource
	}
	return kind.resource + "." + group
}

func (kind kind) singular() string { return strings.ToLower(kind.name) }

func (kind kind) path(namespace, name string) string {
	path := "/apis/" + kind.version
	if kind.version == "v1" {
		path = "/api/v1"
	}
	if kind.namespaced && namespace != "" {
		path += "/namespaces/" + namespace
	}
	path += "/" + kind.resource
	if name != "" {
		path += "/" + name
	}
	return path
}

type place struct {
	kind            kind
	namespace, name string
}

func (place place) key() string {
	return place.kind.resource + "/" + place.namespace + "/" + place.name
}

// Of a path of the API; what follows the name (status, eviction) is not told apart.
func placeOf(path string) (place, bool) {
	words := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(words) >= 3 && words[0] == "api":
		words = words[2:]
	case len(words) >= 4 && words[0] == "apis":
		words = words[3:]
	default:
		return place{}, false
	}
	var found place
	if words[0] == "namespaces" && len(words) > 2 {
		found.namespace, words = words[1], words[2:]
	}
	known := false
	for _, kind := range kinds {
		if kind.resource == words[0] {
			found.kind, known = kind, true
		}
	}
	if len(words) > 1 {
		found.name = words[1]
	}
	return found, known
}
