package main

import (
	"errors"
	"fmt"
)

func kubelet(arguments []string) error {
	if len(arguments) == 1 && arguments[0] == "--version" {
		fmt.Printf("Kubernetes %s (%s)\n", standInVersion(), notice)
		return nil
	}
	return errors.New("kubelet: it runs already, inside tiny-node; " + notice)
}
