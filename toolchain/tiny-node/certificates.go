package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

const (
	caPath  = kubernetesDir + "/pki/ca.crt"
	caKey   = kubernetesDir + "/pki/ca.key"
	apiPath = kubernetesDir + "/pki/apiserver.crt"
	apiKey  = kubernetesDir + "/pki/apiserver.key"
)

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	return key, pemOf("EC PRIVATE KEY", der), err
}

func template(subject pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	now := time.Now()
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: now.Add(-5 * time.Minute), NotAfter: now.AddDate(1, 0, 0)}, err
}

func makeAuthority() error {
	key, keyPem, err := newKey()
	if err != nil {
		return err
	}
	ca, err := template(pkix.Name{CommonName: "kubernetes"})
	if err != nil {
		return err
	}
	ca.NotAfter = ca.NotBefore.AddDate(10, 0, 0)
	ca.IsCA, ca.BasicConstraintsValid = true, true
	ca.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	if err != nil {
		return err
	}
	return errors.Join(writeFile(caKey, keyPem, 0o600), writeFile(caPath, pemOf("CERTIFICATE", der), 0o644))
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

func openAuthority() (*authority, error) {
	certificateText, err := os.ReadFile(caPath)
	if err != nil {
		return nil, err
	}
	keyText, err := os.ReadFile(caKey)
	if err != nil {
		return nil, err
	}
	certificate, err := parseCertificate(certificateText)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", caPath, err)
	}
	block, _ := pem.Decode(keyText)
	if block == nil {
		return nil, fmt.Errorf("%s: no PEM", caKey)
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	return &authority{certificate, key}, err
}

func (ca *authority) sign(public any, subject pkix.Name, use x509.ExtKeyUsage, addresses ...net.IP) ([]byte, error) {
	leaf, err := template(subject)
	if err != nil {
		return nil, err
	}
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{use}
	leaf.IPAddresses = addresses
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca.certificate, public, ca.key)
	return pemOf("CERTIFICATE", der), err
}

// As kubeadm pins it: of SubjectPublicKeyInfo, so that the CA may be renewed with the same key.
func pinOf(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func subjectOf(name string) pkix.Name { return pkix.Name{CommonName: name} }

func nodeSubject(name string) pkix.Name {
	return pkix.Name{CommonName: "system:node:" + name, Organization: []string{"system:nodes"}}
}

// A kubeconfig with everything inside it, as kubeadm writes them.
func writeKubeconfig(path, endpoint, clusterName, user string, caPem, certificate, key []byte) error {
	data := base64.StdEncoding.EncodeToString
	text := fmt.Sprintf(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: %s
    server: https://%s
  name: %s
contexts:
- context:
    cluster: %s
    user: %s
  name: %s@%s
current-context: %s@%s
kind: Config
preferences: {}
users:
- name: %s
  user:
    client-certificate-data: %s
    client-key-data: %s
`, data(caPem), endpoint, clusterName, clusterName, user, user, clusterName, user, clusterName, user, data(certificate), data(key))
	return writeFile(path, []byte(text), 0o600)
}

func (ca *authority) issueKubeconfig(path, endpoint, clusterName, user string, subject pkix.Name) error {
	caPem, err := os.ReadFile(caPath)
	if err != nil {
		return err
	}
	key, keyPem, err := newKey()
	if err != nil {
		return err
	}
	certificate, err := ca.sign(&key.PublicKey, subject, x509.ExtKeyUsageClientAuth)
	if err != nil {
		return err
	}
	return writeKubeconfig(path, endpoint, clusterName, user, caPem, certificate, keyPem)
}
