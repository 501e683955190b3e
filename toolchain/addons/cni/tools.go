//go:build tools

// Names the program that this module pins, so that `go mod vendor` takes its sources. Version 0.9.1 is the last one that
// holds flannel's CNI plugin.
package tools

import _ "github.com/containernetworking/plugins/plugins/meta/flannel"
