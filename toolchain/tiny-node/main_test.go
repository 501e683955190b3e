package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func same(t *testing.T, got, expected any) {
	t.Helper()
	if !equal(got, expected) {
		t.Errorf("got %v, expected %v", got, expected)
	}
}

func TestFlagsStandAnywhereAndUnknownOnesAreErrors(t *testing.T) {
	line, err := parseFlags([]string{"--kubeconfig", "x", "exec", "-n=ns", "pod", "--", "sh", "-c"}, nil, []string{"kubeconfig", "n"})
	same(t, err, nil)
	same(t, line.words, []string{"exec", "pod"})
	same(t, line.rest, []string{"sh", "-c"})
	same(t, line.flag("namespace", "n"), "ns")
	if _, err := parseFlags([]string{"--watch"}, nil, nil); err == nil {
		t.Error("an unknown flag was taken")
	}
}

func TestPathsOfTheAPI(t *testing.T) {
	for path, key := range map[string]string{
		"/api/v1/nodes/a":                                 "nodes//a",
		"/api/v1/namespaces/x":                            "namespaces//x",
		"/api/v1/namespaces/x/pods":                       "pods/x/",
		"/apis/apps/v1/namespaces/x/deployments/d/status": "deployments/x/d",
	} {
		place, known := placeOf(path)
		same(t, known, true)
		same(t, place.key(), key)
	}
}

func TestJSONPath(t *testing.T) {
	value := clone(object{"items": []any{
		object{"name": "a", "conditions": []any{object{"type": "Ready", "status": "True"}, object{"type": "Other", "status": "False"}}},
		object{"name": "b"},
	}})
	for template, expected := range map[string]string{
		`{.items[*].name}`: "a b",
		`{.items[0].conditions[?(@.type=="Ready")].status}`: "True",
		`{.items[-1:].name}`:                        "",
		`<{.items[1].name}{"\n"}{.items[1].absent}`: "<b\n",
		`{.items[0]['name']}`:                       "a",
	} {
		got, err := evaluateTemplate(template, value)
		if template == `{.items[-1:].name}` {
			if err == nil {
				t.Error("a path that is not understood was taken")
			}
			continue
		}
		same(t, err, nil)
		same(t, got, expected)
	}
}

func TestNamesInAnArchiveAreThoseThatContainerdTakes(t *testing.T) {
	archive := func(files map[string]string) *bytes.Buffer {
		var buffer bytes.Buffer
		writer := tar.NewWriter(&buffer)
		for name, text := range files {
			writer.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644})
			writer.Write([]byte(text))
		}
		writer.Close()
		return &buffer
	}
	docker := `[{"RepoTags":["alpine","ghcr.io/a/b:1"]}]`
	names, err := namesInArchive(archive(map[string]string{"./manifest.json": docker, "layer.tar": "x"}))
	same(t, err, nil)
	same(t, names, []string{"docker.io/library/alpine:latest", "ghcr.io/a/b:1"})
	oci := `{"manifests":[{"annotations":{"io.containerd.image.name":"x.io/y:2"}}]}`
	names, err = namesInArchive(archive(map[string]string{"manifest.json": docker, "index.json": oci}))
	same(t, err, nil)
	same(t, names, []string{"x.io/y:2"})
}

func TestNoTokenIsWrittenDown(t *testing.T) {
	line := tokenPattern.ReplaceAllString(`["token","create","abcdef.0123456789abcdef"]`, "$1.*")
	same(t, line, `["token","create","abcdef.*"]`)
}

func TestTokenKeepsToKubeadmsForm(t *testing.T) {
	made, err := readToken(object{"ttl": "15m0s"})
	same(t, err, nil)
	same(t, tokenWhole.MatchString(made.ID+"."+made.Secret), true)
	same(t, time.Until(made.Expires) > 14*time.Minute, true)
	if _, err := readToken(object{"token": "short"}); err == nil {
		t.Error("a token of a wrong form was taken")
	}
}

func TestNodeIsReadyWhileItsKubeletReportsAndItsNetworkIsThere(t *testing.T) {
	store := &store{started: time.Now(), seen: map[string]time.Time{}, Objects: map[string]object{}}
	node, _ := kindOf("node")
	store.put(place{node, "", "a"}, object{"status": object{"networkReady": false}})
	status := func() string { return conditionStatus(store.view(store.Objects["nodes//a"]), "Ready") }
	same(t, status(), "False")
	store.Objects["nodes//a"]["status"] = object{"networkReady": true}
	same(t, status(), "True")
	store.seen["a"] = time.Now().Add(-time.Minute)
	same(t, status(), "Unknown")
}

func TestPodSubnetsAreHandedOutOnce(t *testing.T) {
	store := &store{Objects: map[string]object{}, PodSubnet: "10.244.0.0/16"}
	node, _ := kindOf("node")
	for index := range 3 {
		subnet := store.freePodSubnet()
		same(t, subnet, fmt.Sprintf("10.244.%d.0/24", index))
		store.put(place{node, "", fmt.Sprint(index)}, object{"spec": object{"podCIDR": subnet}})
	}
}

func TestSettingsComeFromTheClustersOwnConfiguration(t *testing.T) {
	documents, err := readDocuments(strings.NewReader("apiServer: {extraArgs: [{name: tiny-init-seconds, value: '7.5'}, {name: v, value: '2'}]}"))
	same(t, err, nil)
	found := settingsOf(documents[0])
	same(t, found.InitSeconds, 7.5)
	same(t, found.JoinSeconds, 2.0)
}
