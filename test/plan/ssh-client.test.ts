import { knownHostsText, sshArgv, type SshInvocation } from "../../plan/ssh-client";

const target = { name: "dev-worker-0", address: "10.77.1.20", hostKey: "ssh-ed25519 AAAAC3Nz" };

const invocation: SshInvocation = {
  target,
  files: { privateKey: "/my lab/50%/key", knownHosts: "/my lab/50%/known_hosts" },
  command: [],
  terminal: "auto",
};

test("the pinned key stands for the name and for the address", () => {
  expect(knownHostsText(target)).toBe("dev-worker-0,10.77.1.20 ssh-ed25519 AAAAC3Nz\n");
});

test("the host key is checked, and nothing of the user's own configuration takes part", () => {
  const argv = sshArgv(invocation);
  expect(argv.slice(0, 5)).toEqual(["env", "SHELL=/bin/sh", "ssh", "-F", "none"]);
  expect(argv).toEqual(
    expect.arrayContaining([
      "StrictHostKeyChecking=yes",
      'UserKnownHostsFile="/my lab/50%%/known_hosts"',
      'IdentityFile="/my lab/50%%/key"',
      "GlobalKnownHostsFile=/dev/null",
      "IdentityAgent=none",
      "HostKeyAlias=dev-worker-0",
    ]),
  );
  expect(argv.join(" ")).not.toContain("StrictHostKeyChecking=no");
});

test("without a command it is a login shell on the address", () => {
  expect(sshArgv(invocation).slice(-3)).toEqual(["-l", "root", "10.77.1.20"]);
});

test("a command goes to the node's shell as ssh itself would send it", () => {
  const argv = sshArgv({ ...invocation, command: ["journalctl", "-u", "kubelet"], terminal: "none" });
  expect(argv.slice(-7)).toEqual(["-T", "-l", "root", "10.77.1.20", "--", "journalctl", "-u", "kubelet"].slice(-7));
  expect(argv).toContain("-T");
});

test("the proxy is quoted for the shell and its percent signs are not ssh's", () => {
  const argv = sshArgv({ ...invocation, proxy: ["/usr/bin/node", "/a dir/50%/proxy.js", "10.77.1.20", "22"] });
  expect(argv).toContain("ProxyCommand=/usr/bin/node '/a dir/50%%/proxy.js' 10.77.1.20 22");
});
