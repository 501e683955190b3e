package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Speaks to the stand-in's server with what a kubeconfig holds.
type client struct {
	server string
	http   *http.Client
}

// What the server says in the shape of a Kubernetes Status.
type apiError struct {
	code            int
	reason, message string
}

func (err *apiError) Error() string {
	return fmt.Sprintf("Error from server (%s): %s", err.reason, err.message)
}

func newClient(kubeconfig string) (*client, error) {
	documents, err := readDocumentsOf(kubeconfig)
	if err != nil || len(documents) != 1 {
		return nil, fmt.Errorf("kubeconfig %s cannot be read: %v", kubeconfig, err)
	}
	first := func(keys ...string) any {
		list := listAt(documents[0], keys...)
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	data := func(value any, keys ...string) []byte {
		bytes, _ := base64.StdEncoding.DecodeString(textAt(value, keys...))
		return bytes
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data(first("clusters"), "cluster", "certificate-authority-data")) {
		return nil, fmt.Errorf("kubeconfig %s has no CA", kubeconfig)
	}
	user := first("users")
	pair, err := tls.X509KeyPair(data(user, "user", "client-certificate-data"), data(user, "user", "client-key-data"))
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", kubeconfig, err)
	}
	config := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
	return &client{
		server: textAt(first("clusters"), "cluster", "server"),
		http:   &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: config}},
	}, nil
}

func (client *client) call(method, path string, body, answer any) error {
	text, err := client.text(method, path, body)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

func (client *client) text(method, path string, body any) ([]byte, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, client.server+path, reader)
	if err != nil {
		return nil, err
	}
	response, err := client.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("The connection to the server %s was refused or broke: %w", client.server, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		var status object
		if json.Unmarshal(text, &status) != nil || textAt(status, "message") == "" {
			return nil, &apiError{response.StatusCode, http.StatusText(response.StatusCode), string(text)}
		}
		return nil, &apiError{response.StatusCode, textAt(status, "reason"), textAt(status, "message")}
	}
	return text, nil
}
