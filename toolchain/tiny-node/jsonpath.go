package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	pathStep   = regexp.MustCompile(`^(?:\.?\[(\*|-?\d+|\?\(@\.([A-Za-z]+)\s*==\s*["']([^"']*)["']\))\]|\.?\['([^']+)'\]|\.((?:[A-Za-z0-9_/-]|\\\.)+))`)
	pathBraces = regexp.MustCompile(`\{([^}]*)\}`)
)

// kubectl's -o jsonpath without range: text with {.a.b[0].c[*]['d'][?(@.e=="f")].g} in it.
func evaluateTemplate(template string, value any) (string, error) {
	var failed error
	text := pathBraces.ReplaceAllStringFunc(template, func(braced string) string {
		inner := strings.TrimSpace(braced[1 : len(braced)-1])
		if literal, err := strconv.Unquote(inner); err == nil {
			return literal
		}
		found, err := evaluatePath(strings.TrimPrefix(inner, "$"), value)
		if err != nil {
			failed = err
		}
		words := []string{}
		for _, each := range found {
			words = append(words, textOf(each))
		}
		return strings.Join(words, " ")
	})
	return text, failed
}

func textOf(value any) string {
	switch value.(type) {
	case object, []any:
		text, _ := json.Marshal(value)
		return string(text)
	}
	return fmt.Sprint(value)
}

func evaluatePath(path string, value any) ([]any, error) {
	found := []any{value}
	for path != "" && path != "." {
		step := pathStep.FindStringSubmatch(path)
		if step == nil {
			return nil, fmt.Errorf("error: jsonpath %s: not in the stand-in", path)
		}
		path = path[len(step[0]):]
		next := []any{}
		for _, each := range found {
			next = append(next, follow(each, step)...)
		}
		found = next
	}
	return found, nil
}

func follow(value any, step []string) []any {
	index, filterKey, filterValue := step[1], step[2], step[3]
	if name := step[4] + strings.ReplaceAll(step[5], `\.`, "."); name != "" {
		if inner := at(value, name); inner != nil {
			return []any{inner}
		}
		return nil
	}
	list, _ := value.([]any)
	if index == "*" {
		return list
	}
	if filterKey != "" {
		kept := []any{}
		for _, each := range list {
			if fmt.Sprint(at(each, filterKey)) == filterValue {
				kept = append(kept, each)
			}
		}
		return kept
	}
	position, _ := strconv.Atoi(index)
	if position < 0 {
		position += len(list)
	}
	if position < 0 || position >= len(list) {
		return nil
	}
	return list[position : position+1]
}
