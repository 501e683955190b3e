package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// In the container runtime's place: names of container images, and nothing that runs.
const (
	imagesPath   = "/usr/lib/tiny-kubernetes/images"
	importedPath = stateDir + "/imported-images"
)

func carriedImages() []string {
	names := []string{}
	for _, path := range []string{imagesPath, importedPath} {
		text, _ := os.ReadFile(path)
		names = append(names, strings.Fields(string(text))...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func crictl(arguments []string) error {
	line, err := parseFlags(arguments, []string{"a", "q", "aq", "all", "quiet"}, []string{"o", "output", "tail", "runtime-endpoint"})
	if err != nil {
		return err
	}
	switch line.word(0) {
	case "ps", "pods":
		if !line.has("q") && !line.has("aq") {
			fmt.Printf("none (%s)\n", notice)
		}
		return nil
	case "images":
		return printImages(line.flag("o", "output") == "json")
	case "version":
		fmt.Printf("crictl version %s (%s)\n", standInVersion(), notice)
		return nil
	}
	return fmt.Errorf("crictl %s: not in the stand-in; %s", line.word(0), notice)
}

func printImages(asJSON bool) error {
	images := []object{}
	for _, name := range carriedImages() {
		images = append(images, object{"id": "tiny-stand-in", "repoTags": []string{name}, "repoDigests": []string{}, "size": "0", "pinned": true})
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(object{"images": images})
	}
	for _, image := range images {
		fmt.Println(image["repoTags"].([]string)[0])
	}
	return nil
}

// `ctr images import -`: takes the names out of an archive, in the order that containerd prefers.
func ctr(arguments []string) error {
	line, err := parseFlags(arguments, []string{"all-platforms", "no-unpack"}, []string{"namespace", "n", "label", "address"})
	if err != nil {
		return err
	}
	if strings.Join(line.words, " ") != "images import -" {
		return fmt.Errorf("ctr %s: not in the stand-in; %s", strings.Join(line.words, " "), notice)
	}
	names, err := namesInArchive(os.Stdin)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("ctr: no image with a name in the archive")
	}
	old, _ := os.ReadFile(importedPath)
	for _, name := range names {
		fmt.Printf("%s saved (its name only: %s)\n", name, notice)
	}
	return writeFile(importedPath, []byte(string(old)+strings.Join(names, "\n")+"\n"), 0o644)
}

func namesInArchive(reader io.Reader) ([]string, error) {
	var index struct {
		Manifests []struct{ Annotations map[string]string }
	}
	var saved []struct{ RepoTags []string }
	archive := tar.NewReader(reader)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && strings.TrimPrefix(header.Name, "./") == "index.json" {
			err = json.NewDecoder(archive).Decode(&index)
		} else if err == nil && strings.TrimPrefix(header.Name, "./") == "manifest.json" {
			err = json.NewDecoder(archive).Decode(&saved)
		}
		if err != nil {
			return nil, fmt.Errorf("ctr: archive: %w", err)
		}
	}
	names := []string{}
	for _, manifest := range index.Manifests {
		if name := manifest.Annotations["io.containerd.image.name"]; name != "" {
			names = append(names, name)
		}
	}
	if index.Manifests == nil {
		for _, image := range saved {
			for _, tag := range image.RepoTags {
				names = append(names, normaliseReference(tag))
			}
		}
	}
	return names, nil
}

// `alpine` is `docker.io/library/alpine:latest` to every container runtime.
func normaliseReference(reference string) string {
	first, rest, hasRest := strings.Cut(reference, "/")
	registry, path := "docker.io", reference
	if hasRest && (strings.ContainsAny(first, ".:") || first == "localhost") {
		registry, path = first, rest
	} else if !hasRest {
		path = "library/" + reference
	}
	if !strings.ContainsAny(path, ":@") {
		path += ":latest"
	}
	return registry + "/" + path
}
