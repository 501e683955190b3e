package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"
)

type kubectlCall struct {
	*client
	commandLine
	namespace string
}

func kubectl(arguments []string) error {
	line, err := parseFlags(arguments,
		[]string{"A", "all-namespaces", "overwrite", "ignore-daemonsets", "delete-emptydir-data", "force", "ignore-not-found", "all", "client", "no-headers", "i", "t", "it"},
		[]string{"kubeconfig", "n", "namespace", "o", "output", "for", "timeout", "f", "filename", "wait", "c", "container", "request-timeout", "raw"})
	if err != nil {
		return err
	}
	command := line.word(0)
	if command == "version" {
		fmt.Printf("Client Version: %s (%s)\n", standInVersion(), notice)
		if line.has("client") {
			return nil
		}
	}
	kubeconfig := line.flag("kubeconfig")
	for _, candidate := range []string{os.Getenv("KUBECONFIG"), adminConfig, kubeletKubeconfig} {
		if kubeconfig == "" && candidate != "" && exists(candidate) {
			kubeconfig = candidate
		}
	}
	if kubeconfig == "" {
		return errors.New("error: no kubeconfig on this machine, name one by --kubeconfig")
	}
	client, err := newClient(kubeconfig)
	if err != nil {
		return fmt.Errorf("error: %w", err)
	}
	call := kubectlCall{client, line, line.flag("n", "namespace")}
	if call.namespace == "" && !line.has("A") && !line.has("all-namespaces") {
		call.namespace = "default"
	}
	commands := map[string]func() error{
		"version": call.version, "get": call.get, "wait": call.wait, "label": call.label, "taint": call.taint, "apply": call.apply,
		"delete": call.delete, "drain": call.drain, "exec": call.exec,
		"cordon": func() error { return call.cordon(true) }, "uncordon": func() error { return call.cordon(false) },
	}
	run, known := commands[command]
	if !known {
		return fmt.Errorf("kubectl %s: not in the stand-in; %s", command, notice)
	}
	return run()
}

func (call kubectlCall) version() error {
	var version object
	if err := call.call(http.MethodGet, "/version", nil, &version); err != nil {
		return err
	}
	fmt.Printf("Server Version: %s (%s)\n", textAt(version, "gitVersion"), notice)
	return nil
}

// `node a b`, `node/a pod/b` or `node`: without a name, all of them.
func (call kubectlCall) places(words []string) ([]place, error) {
	if len(words) == 0 {
		return nil, errors.New("error: you must specify the type of resource")
	}
	found := []place{}
	add := func(kindName, name string) error {
		kind, known := kindOf(kindName)
		if !known {
			return fmt.Errorf("error: the server doesn't have a resource type %q (%s)", kindName, notice)
		}
		found = append(found, place{kind, call.namespace, name})
		return nil
	}
	for index, word := range words {
		kindName, name, hasName := strings.Cut(word, "/")
		var err error
		switch {
		case hasName:
			err = add(kindName, name)
		case index == 0 && len(words) == 1:
			for _, each := range strings.Split(word, ",") {
				err = errors.Join(err, add(each, ""))
			}
		case index > 0:
			err = add(words[0], word)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (call kubectlCall) fetch(place place) (object, error) {
	var value object
	err := call.call(http.MethodGet, place.kind.path(place.namespace, place.name), nil, &value)
	return value, err
}

func isNotFound(err error) bool {
	var known *apiError
	return errors.As(err, &known) && known.code == http.StatusNotFound
}

// As it is, of a path of the server.
func (call kubectlCall) raw(path string) error {
	text, err := call.text(http.MethodGet, path, nil)
	fmt.Print(string(text))
	return err
}

func (call kubectlCall) get() error {
	if path := call.flag("raw"); path != "" {
		return call.raw(path)
	}
	places, err := call.places(call.words[1:])
	if err != nil {
		return err
	}
	items := []any{}
	var failures error
	for _, place := range places {
		value, err := call.fetch(place)
		switch {
		case isNotFound(err) && call.has("ignore-not-found"):
		case err != nil:
			failures = errors.Join(failures, err)
		case place.name == "":
			items = append(items, listAt(value, "items")...)
		default:
			items = append(items, value)
		}
	}
	format := call.flag("o", "output")
	if len(items) > 0 || failures == nil && format != "" {
		var shown any = object{"apiVersion": "v1", "kind": "List", "metadata": object{}, "items": items}
		if len(places) == 1 && places[0].name != "" && len(items) == 1 {
			shown = items[0]
		}
		failures = errors.Join(failures, printAs(format, shown, items, call.has("no-headers")))
	} else if failures == nil {
		fmt.Fprintln(os.Stderr, "No resources found")
	}
	return failures
}

func printAs(format string, shown any, items []any, noHeaders bool) error {
	kind, template, _ := strings.Cut(format, "=")
	switch kind {
	case "json":
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "    ")
		return encoder.Encode(shown)
	case "yaml":
		text, err := yaml.Marshal(shown)
		os.Stdout.Write(text)
		return err
	case "jsonpath":
		text, err := evaluateTemplate(template, shown)
		fmt.Print(text)
		return err
	case "name":
		for _, item := range items {
			kind, _ := kindOf(textAt(item, "kind"))
			fmt.Printf("%s/%s\n", strings.TrimSuffix(strings.Replace(kind.full(), kind.resource, kind.singular(), 1), "."), textAt(item, "metadata", "name"))
		}
		return nil
	case "", "wide":
		return printTable(items, noHeaders)
	}
	return fmt.Errorf("error: output format %q: not in the stand-in", format)
}

func conditionStatus(value any, name string) string {
	for _, each := range listAt(value, "status", "conditions") {
		if strings.EqualFold(textAt(each, "type"), name) {
			return textAt(each, "status")
		}
	}
	return ""
}

func printTable(items []any, noHeaders bool) error {
	writer := tabwriter.NewWriter(os.Stdout, 0, 8, 3, ' ', 0)
	if !noHeaders {
		fmt.Fprintln(writer, "KIND\tNAMESPACE\tNAME\tSTATUS\tDETAIL\tAGE")
	}
	for _, item := range items {
		status, detail := "", ""
		switch textAt(item, "kind") {
		case "Node":
			status = map[string]string{"True": "Ready", "False": "NotReady", "Unknown": "NotReady"}[conditionStatus(item, "Ready")]
			if cordoned, _ := at(item, "spec", "unschedulable").(bool); cordoned {
				status += ",SchedulingDisabled"
			}
			addresses := listAt(item, "status", "addresses")
			if len(addresses) > 0 {
				detail = textAt(addresses[0], "address") + " " + textAt(item, "status", "nodeInfo", "kubeletVersion")
			}
		case "Pod":
			status, detail = textAt(item, "status", "phase"), textAt(item, "spec", "nodeName")+" "+textAt(item, "status", "podIP")
		case "Deployment":
			status = map[string]string{"True": "Available"}[conditionStatus(item, "Available")]
		case "DaemonSet":
			status = fmt.Sprintf("%d ready", numberAt(item, 0, "status", "numberReady"))
		}
		created, _ := time.Parse(time.RFC3339, textAt(item, "metadata", "creationTimestamp"))
		fmt.Fprintf(writer, "%s\t%s\t%s\t%s\t%s\t%s\n", textAt(item, "kind"), textAt(item, "metadata", "namespace"), textAt(item, "metadata", "name"), status, detail, time.Since(created).Round(time.Second))
	}
	return writer.Flush()
}

func (call kubectlCall) wait() error {
	places, err := call.places(call.words[1:])
	if err != nil {
		return err
	}
	timeout := 30 * time.Second
	if text := call.flags["timeout"]; text != "" {
		if timeout, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf("error: --timeout: %w", err)
		}
	}
	wanted, isCondition := strings.CutPrefix(call.flags["for"], "condition=")
	if !isCondition && wanted != "delete" {
		return fmt.Errorf("error: --for=%s: not in the stand-in", call.flags["for"])
	}
	wanted, state, hasState := strings.Cut(wanted, "=")
	if !hasState {
		state = "True"
	}
	deadline := time.Now().Add(timeout)
	var failures error
	for _, place := range places {
		for {
			value, err := call.fetch(place)
			if !isCondition && isNotFound(err) || err == nil && isCondition && strings.EqualFold(conditionStatus(value, wanted), state) {
				fmt.Printf("%s/%s condition met\n", place.kind.singular(), place.name)
				break
			}
			if err != nil {
				failures = errors.Join(failures, err)
				break
			}
			if time.Now().After(deadline) {
				failures = errors.Join(failures, fmt.Errorf("error: timed out waiting for the condition on %s/%s", place.kind.resource, place.name))
				break
			}
			time.Sleep(300 * time.Millisecond)
		}
	}
	return failures
}

// Splits `node NAME… change…` into places and changes.
func (call kubectlCall) targets(isChange func(string) bool) ([]place, []string, error) {
	words, changes := []string{}, []string{}
	for _, word := range call.words[1:] {
		if len(words) > 0 && isChange(word) {
			changes = append(changes, word)
		} else {
			words = append(words, word)
		}
	}
	places, err := call.places(words)
	if err == nil && (len(changes) == 0 || places[0].name == "") {
		err = errors.New("error: name what to change, and how")
	}
	return places, changes, err
}

func (call kubectlCall) label() error {
	places, changes, err := call.targets(func(word string) bool { return strings.Contains(word, "=") || strings.HasSuffix(word, "-") })
	if err != nil {
		return err
	}
	for _, place := range places {
		value, err := call.fetch(place)
		if err != nil {
			return err
		}
		labels := object{}
		for _, change := range changes {
			name, text, isSet := strings.Cut(change, "=")
			if !isSet {
				labels[strings.TrimSuffix(name, "-")] = nil
				continue
			}
			if old := at(value, "metadata", "labels", name); old != nil && old != text && !call.has("overwrite") {
				return fmt.Errorf("error: '%s' already has a value (%v), and --overwrite is false", name, old)
			}
			labels[name] = text
		}
		if err := call.patch(place, object{"metadata": object{"labels": labels}}, "labeled"); err != nil {
			return err
		}
	}
	return nil
}

func (call kubectlCall) patch(place place, change object, done string) error {
	if err := call.call(http.MethodPatch, place.kind.path(place.namespace, place.name), change, nil); err != nil {
		return err
	}
	fmt.Printf("%s/%s %s\n", place.kind.singular(), place.name, done)
	return nil
}

func (call kubectlCall) taint() error {
	places, changes, err := call.targets(func(word string) bool { return strings.ContainsAny(word, ":=") || strings.HasSuffix(word, "-") })
	if err != nil {
		return err
	}
	for _, place := range places {
		value, err := call.fetch(place)
		if err != nil {
			return err
		}
		taints := listAt(value, "spec", "taints")
		for _, change := range changes {
			text, removes := strings.CutSuffix(change, "-")
			taint := parseTaints(text)[0]
			taints = slices.DeleteFunc(taints, func(old any) bool {
				effect := textAt(taint, "effect")
				return textAt(old, "key") == textAt(taint, "key") && (effect == "" || effect == textAt(old, "effect"))
			})
			if !removes {
				taints = append(taints, taint)
			}
		}
		if err := call.patch(place, object{"spec": object{"taints": taints}}, "tainted"); err != nil {
			return err
		}
	}
	return nil
}

func (call kubectlCall) apply() error {
	documents, err := readDocumentsOf(call.flag("f", "filename"))
	if err != nil {
		return fmt.Errorf("error: %w", err)
	}
	var failures error
	for _, document := range documents {
		failures = errors.Join(failures, call.applyOne(document))
	}
	return failures
}

func (call kubectlCall) applyOne(document object) error {
	kind, known := kindOf(textAt(document, "kind"))
	if !known || textAt(document, "metadata", "name") == "" {
		return fmt.Errorf("error: no matches for kind %q, or no name (%s)", textAt(document, "kind"), notice)
	}
	where := place{kind, "", ""}.with(document)
	if kind.namespaced && where.namespace == "" {
		where.namespace = call.namespace
	}
	old, err := call.fetch(where)
	method, path, done := http.MethodPatch, kind.path(where.namespace, where.name), "configured"
	if isNotFound(err) {
		method, path, done = http.MethodPost, kind.path(where.namespace, ""), "created"
	} else if err != nil {
		return err
	} else {
		merged := clone(old)
		merge(merged, clone(document))
		if equal(merged, old) {
			done = "unchanged"
		}
	}
	if err := call.call(method, path, document, nil); err != nil {
		return err
	}
	fmt.Printf("%s/%s %s\n", strings.Replace(kind.full(), kind.resource, kind.singular(), 1), where.name, done)
	return nil
}

func (call kubectlCall) delete() error {
	places := []place{}
	if path := call.flag("f", "filename"); path != "" {
		documents, err := readDocumentsOf(path)
		if err != nil {
			return fmt.Errorf("error: %w", err)
		}
		for _, document := range documents {
			if kind, known := kindOf(textAt(document, "kind")); known {
				places = append(places, place{kind, call.namespace, ""}.with(document))
			}
		}
	} else {
		found, err := call.places(call.words[1:])
		if err != nil {
			return err
		}
		places = found
	}
	var failures error
	for _, place := range places {
		if place.name == "" {
			return errors.New("error: resource(s) were provided, but no name was specified")
		}
		err := call.call(http.MethodDelete, place.kind.path(place.namespace, place.name), nil, nil)
		if isNotFound(err) && call.has("ignore-not-found") {
			continue
		}
		if err == nil {
			fmt.Printf("%s %q deleted\n", place.kind.full(), place.name)
		}
		failures = errors.Join(failures, err)
	}
	return failures
}

func (call kubectlCall) nodes() ([]place, error) {
	return call.places(append([]string{"node"}, call.words[1:]...))
}

func (call kubectlCall) cordon(cordoned bool) error {
	nodes, err := call.nodes()
	if err != nil {
		return err
	}
	for _, node := range nodes {
		done := map[bool]string{true: "cordoned", false: "uncordoned"}[cordoned]
		if err := call.patch(node, object{"spec": object{"unschedulable": cordoned}}, done); err != nil {
			return err
		}
	}
	return nil
}

func (call kubectlCall) drain() error {
	if err := call.cordon(true); err != nil {
		return err
	}
	pods, _ := kindOf("Pod")
	everywhere, err := call.fetch(place{pods, "", ""})
	if err != nil {
		return err
	}
	for _, name := range call.words[1:] {
		for _, pod := range listAt(everywhere, "items") {
			if textAt(pod, "spec", "nodeName") != name {
				continue
			}
			where := place{pods, "", ""}.with(pod)
			if err := call.call(http.MethodDelete, pods.path(where.namespace, where.name), nil, nil); err != nil {
				return err
			}
			fmt.Printf("pod/%s evicted\n", where.name)
		}
		fmt.Printf("node/%s drained\n", name)
	}
	return nil
}

// Nothing can be executed in a pod that does not run. What is looked at: the pod is Ready, and so is the cluster's DNS.
func (call kubectlCall) exec() error {
	pods, _ := kindOf("Pod")
	name := strings.TrimPrefix(call.word(1), "pod/")
	pod, err := call.fetch(place{pods, call.namespace, name})
	if err != nil {
		return err
	}
	if conditionStatus(pod, "Ready") != "True" {
		return fmt.Errorf("error: unable to upgrade connection: pod %s is not Ready", name)
	}
	deployments, _ := kindOf("Deployment")
	dns, err := call.fetch(place{deployments, "kube-system", "coredns"})
	if err != nil {
		return err
	}
	if conditionStatus(dns, "Available") != "True" {
		return errors.New("error: coredns is not available")
	}
	fmt.Fprintf(os.Stderr, "not executed in pod %s: %s (%s)\n", name, strings.Join(call.rest, " "), notice)
	return nil
}
