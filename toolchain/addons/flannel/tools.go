//go:build tools

// Names the program that this module pins, so that `go mod vendor` takes its sources.
package tools

import _ "github.com/flannel-io/flannel"
