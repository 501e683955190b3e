import fc from "fast-check";
import { redactor } from "../../plan/redact";

const KEY = [
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW",
  "QyNTUxOQAAACB0ZXN0",
  "-----END OPENSSH PRIVATE KEY-----",
  "",
].join("\n");

const redact = redactor([KEY, "hunter2hunter2"]);

test.each([
  ["raw", KEY],
  ["one line of it", KEY.split("\n")[1] ?? ""],
  ["JSON", JSON.stringify({ key: KEY })],
  ["base64", btoa(KEY)],
  ["another secret", "password hunter2hunter2!"],
])("a known secret is gone: %s", (_, text) => {
  const redacted = redact(`before ${text} after`);
  expect(redacted).toContain("[secret]");
  expect(redacted).toMatch(/^before .* after$/s);
  expect(redacted).not.toMatch(/b3BlbnNzaC1rZXk|QyNTUxOQAA|hunter2|LS0tLS1CRUdJTi/);
});

test("what follows a secret stays on its own line", () => {
  expect(redact(`before\n${KEY}after`)).toBe("before\n[secret]\nafter");
});

test("a bootstrap token that nobody told of keeps its public id only", () => {
  expect(redact("kubeadm join --token abcdef.0123456789abcdef")).toBe("kubeadm join --token abcdef.[secret]");
});

test("a private key that nobody told of is gone, cut off or in base64 too", () => {
  const other = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEI\n-----END EC PRIVATE KEY-----";
  const plain = redactor([]);
  expect(plain(`a ${other} b`)).toBe("a [secret] b");
  expect(plain(`a ${other.slice(0, 40)}`)).toBe("a [secret]");
  expect(plain(`key: ${btoa(other)}`)).not.toContain("LS0t");
  expect(plain("    client-key-data: S0VZS0VZS0VZS0VZS0VZ")).toBe("    client-key-data: [secret]");
});

test("certificates and other texts stay as they are", () => {
  const text =
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\ntokens: 3\nfile v1.36.3 10.77.1.10:6443\n";
  expect(redact(text)).toBe(text);
});

test("no known secret survives in any text around it", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9+/]{16,40}$/);
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (known, before, after) => {
      expect(redactor([known])(`${before}${known}${after}`)).not.toContain(known);
    }),
  );
});
