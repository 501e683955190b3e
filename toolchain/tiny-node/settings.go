package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const settingsPath = "/etc/tiny-kubernetes.conf"

// How the stand-in behaves. Later ones win: what is built in, lines NAME=VALUE of settingsPath, and arguments of the cluster's
// own API server (apiServer.extraArgs with the prefix tiny-), which an experiment's configuration can say.
type settings struct {
	InitSeconds float64 `json:"initSeconds"`
	JoinSeconds float64 `json:"joinSeconds"`
	// Not empty: init or join fails half-way with this text.
	InitFails string `json:"initFails"`
	JoinFails string `json:"joinFails"`
}

func (settings *settings) set(name, value string) error {
	var err error
	switch name {
	case "init-seconds":
		settings.InitSeconds, err = strconv.ParseFloat(value, 64)
	case "join-seconds":
		settings.JoinSeconds, err = strconv.ParseFloat(value, 64)
	case "init-fails":
		settings.InitFails = value
	case "join-fails":
		settings.JoinFails = value
	default:
		return fmt.Errorf("the stand-in has no setting %s", name)
	}
	return err
}

func settingsOf(cluster object) settings {
	found := settings{InitSeconds: 3, JoinSeconds: 2}
	complain := func(err error) {
		if err != nil {
			fmt.Fprintf(os.Stderr, "tiny-node: setting passed over: %v\n", err)
		}
	}
	text, _ := os.ReadFile(settingsPath)
	for _, line := range strings.Fields(string(text)) {
		name, value, _ := strings.Cut(line, "=")
		complain(found.set(name, value))
	}
	for _, argument := range listAt(cluster, "apiServer", "extraArgs") {
		if name, ours := strings.CutPrefix(textAt(argument, "name"), "tiny-"); ours {
			complain(found.set(name, textAt(argument, "value")))
		}
	}
	return found
}

// A part of the time that the whole takes.
func spend(seconds, share float64) {
	time.Sleep(time.Duration(seconds * share * float64(time.Second)))
}
