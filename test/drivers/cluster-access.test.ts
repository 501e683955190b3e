import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { withClusterAccess } from "../../drivers/cluster-access";
import { apiServerOf } from "../../plan/kubeconfig";
import { startFakeHost } from "../fakes/ssh-host";

const kubeconfigOf = (server: string): string => `apiVersion: v1
clusters:
  - cluster:
      certificate-authority-data: Q0E=
      server: ${server}
    name: kubernetes
`;

const ask = async (kubeconfig: string): Promise<string> => {
  const socket = connect({ ...apiServerOf(kubeconfig), allowHalfOpen: true });
  socket.end("asked");
  return text(socket);
};

it("leads to the API server through the host, under the name that its certificate has, and is gone afterwards", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cluster-access-"));
  const host = await startFakeHost({ directory });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("end", () => socket.end("answered")).resume();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const reach = {
    kind: "ssh",
    host: {
      name: "127.0.0.1",
      user: "me",
      port: String(host.port),
      keyFile: host.keyFile,
      knownHosts: host.knownHosts,
    },
  } as const;
  const used = await withClusterAccess(reach, kubeconfigOf(`https://127.0.0.1:${port}`), async (access) => {
    expect(access.command(["kubectl", "version"])).toEqual(["kubectl", "version"]);
    expect(access.kubeconfig).toContain("tls-server-name: 127.0.0.1\n");
    expect(access.kubeconfig).toContain("certificate-authority-data: Q0E=\n");
    expect(apiServerOf(access.kubeconfig).port).not.toBe(port);
    expect(await ask(access.kubeconfig)).toBe("answered");
    return access.kubeconfig;
  });
  expect(host.dialled).toEqual([`127.0.0.1:${port}`]);
  await expect(ask(used)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await host.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

it("changes nothing where the cluster is reached anyway", async () => {
  const kubeconfig = kubeconfigOf("https://10.77.0.10:6443");
  const namespace = { kind: "namespace", name: "n", path: "/run/netns/n" } as const;
  await withClusterAccess({ kind: "direct" }, kubeconfig, async (access) => {
    expect(access.kubeconfig).toBe(kubeconfig);
    expect(access.command(["kubectl"])).toEqual(["kubectl"]);
  });
  await withClusterAccess(namespace, kubeconfig, async (access) => {
    expect(access.kubeconfig).toBe(kubeconfig);
    expect(access.command(["kubectl"])).toEqual(["nsenter", "--net=/run/netns/n", "--", "kubectl"]);
  });
});
