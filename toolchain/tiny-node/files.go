package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"go.yaml.in/yaml/v3"
)

type object = map[string]any

// A file is there whole or not at all: a machine may be killed at any moment.
func writeFile(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// The CNI reads every file of its folder that does not begin with a dot.
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Every document of a YAML stream; JSON is YAML.
func readDocuments(reader io.Reader) ([]object, error) {
	decoder := yaml.NewDecoder(reader)
	var documents []object
	for {
		var document object
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		if document != nil {
			documents = append(documents, document)
		}
	}
}

func readDocumentsOf(path string) ([]object, error) {
	if path == "-" {
		return readDocuments(os.Stdin)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readDocuments(file)
}

// What lies at a path of keys; nil when something on the way is not there.
func at(value any, keys ...string) any {
	for _, key := range keys {
		fields, isObject := value.(object)
		if !isObject {
			return nil
		}
		value = fields[key]
	}
	return value
}

func textAt(value any, keys ...string) string {
	text, _ := at(value, keys...).(string)
	return text
}

func listAt(value any, keys ...string) []any {
	list, _ := at(value, keys...).([]any)
	return list
}

func numberAt(value any, otherwise int, keys ...string) int {
	switch number := at(value, keys...).(type) {
	case int:
		return number
	case float64:
		return int(number)
	}
	return otherwise
}

// A copy that shares nothing, with the types that JSON knows.
func clone(value object) object {
	var copied object
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &copied)
	}
	if err != nil {
		panic(err)
	}
	return copied
}

// RFC 7386.
func merge(target, patch object) {
	for key, value := range patch {
		fields, isObject := value.(object)
		old, wasObject := target[key].(object)
		switch {
		case value == nil:
			delete(target, key)
		case isObject && wasObject:
			merge(old, fields)
		default:
			target[key] = value
		}
	}
}

func equal(first, second any) bool { return reflect.DeepEqual(first, second) }
