package main

import (
	"fmt"
	"slices"
	"strings"
)

type commandLine struct {
	words []string
	flags map[string]string
	// Behind --.
	rest []string
}

// Flags may stand anywhere, as in kubeadm and kubectl. One that the stand-in does not know is an error: the call would mean
// something that it does not do.
func parseFlags(arguments, booleans, values []string) (commandLine, error) {
	line := commandLine{flags: map[string]string{}}
	for index := 0; index < len(arguments); index++ {
		argument := arguments[index]
		if argument == "--" {
			line.rest = arguments[index+1:]
			return line, nil
		}
		if !strings.HasPrefix(argument, "-") || argument == "-" {
			line.words = append(line.words, argument)
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		switch {
		case slices.Contains(booleans, name):
			if !hasValue {
				value = "true"
			}
		case !slices.Contains(values, name):
			return line, fmt.Errorf("error: unknown flag: --%s (%s)", name, notice)
		case !hasValue:
			if index++; index == len(arguments) {
				return line, fmt.Errorf("error: flag needs an argument: --%s", name)
			}
			value = arguments[index]
		}
		line.flags[name] = value
	}
	return line, nil
}

func (line commandLine) has(name string) bool { return line.flags[name] == "true" }

func (line commandLine) word(index int) string {
	if index < len(line.words) {
		return line.words[index]
	}
	return ""
}

// The first of several names of one flag.
func (line commandLine) flag(names ...string) string {
	for _, name := range names {
		if value := line.flags[name]; value != "" {
			return value
		}
	}
	return ""
}
