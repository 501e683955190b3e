import { isOnThisMachine, sshHostOf, sshToHost, sshUriProblems, uriForVirsh } from "../../plan/libvirt-uri";

test.each([
  ["", true],
  ["qemu:///system", true],
  ["qemu+unix:///system?socket=/run/x/libvirt-sock", true],
  ["test:///default", true],
  ["qemu+ssh://host/system", false],
  ["qemu+tls://host/system", false],
  ["qemu://host/system", false],
  ["qemu+ssh:///system", false],
])("%s is on this machine: %s", (uri, here) => {
  expect(isOnThisMachine(uri)).toBe(here);
});

test.each([
  ["qemu+ssh://host/system", { name: "host" }],
  ["qemu+ssh://me@host.lab:2222/system", { name: "host.lab", user: "me", port: "2222" }],
  ["qemu+ssh://[fd00::1]:22/system", { name: "fd00::1", port: "22" }],
  [
    "qemu+ssh://host/system?keyfile=/k%20ey&known_hosts=/hosts",
    { name: "host", keyFile: "/k ey", knownHosts: "/hosts" },
  ],
])("%s names a host", (uri, host) => {
  expect(sshHostOf(uri)).toEqual(host);
});

test("other transports name none, nor does what would be an option of ssh", () => {
  for (const uri of ["qemu:///system", "qemu+tls://host/system", "qemu+ssh://-oProxyCommand=x/system"]) {
    expect(sshHostOf(uri)).toBeUndefined();
  }
});

test("what would leave the host's key unchecked is refused, all of it at once", () => {
  expect(sshUriProblems("qemu+ssh://-x/system?no_verify=1&command=/bin/x&keyfile=key")).toEqual([
    expect.stringContaining("expected qemu+ssh://[USER@]HOST[:PORT]/system"),
    expect.stringContaining("no_verify is refused: a host whose key nobody checks may be anybody"),
    expect.stringContaining("command is refused"),
    expect.stringContaining("keyfile: expected an absolute path, got key"),
  ]);
  expect(sshUriProblems("qemu+ssh://host/system?socket=/x&known_hosts=/y")).toEqual([]);
  expect(sshUriProblems("qemu:///system?no_verify=1")).toEqual([]);
});

test("virsh gets the URI with our ssh in it, and what else it said", () => {
  const uri = "qemu+ssh://me@host:2222/system?socket=/run/a%20b&known_hosts=/hosts&keyfile=/key";
  expect(uriForVirsh(uri, "/checkout/.state/ssh/0123")).toBe(
    "qemu+ssh://me@host:2222/system?socket=%2Frun%2Fa%20b&command=%2Fcheckout%2F.state%2Fssh%2F0123&no_tty=1",
  );
});

test("ssh always checks the host's key, and never asks", () => {
  const argv = sshToHost({ name: "host", user: "me", port: "2222", knownHosts: "/my %h", keyFile: "/50%" });
  expect(argv).toEqual(expect.arrayContaining(["StrictHostKeyChecking=yes", "BatchMode=yes"]));
  expect(argv).toContain('UserKnownHostsFile="/my %%h"');
  expect(argv).toContain('IdentityFile="/50%%"');
  expect(argv.slice(-5)).toEqual(["-p", "2222", "-l", "me", "host"]);
  // The user's own files count where the URI names none.
  expect(sshToHost({ name: "host" }).join(" ")).not.toMatch(/KnownHostsFile|IdentitiesOnly/);
});
