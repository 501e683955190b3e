//go:build tools

// Names the program that this module pins, so that `go mod vendor` takes its sources.
package tools

import _ "sigs.k8s.io/cri-tools/cmd/crictl"
