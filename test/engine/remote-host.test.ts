import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { virshFor } from "../../drivers/virsh";
import { embeddedHostLayout } from "../../plan/embedded-host";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";
import { startOpensshHost, type OpensshHost } from "../fixtures/openssh-host";
import { opensshTree } from "../fixtures/openssh-tree";

/**
 * A stack on another host: an embedded libvirtd whose socket, network and folders are reached by SSH alone, through OpenSSH's server
 * in the host's own network namespace. Real guests, tiny image; or real Kubernetes, with a worker.
 */

const MINUTE = 60_000;
const STACK = "tiny";

const openssh = opensshTree();

if ("obstacle" in openssh) it.todo(`reaches a host through OpenSSH's server, but ${openssh.obstacle}`);
else
  describe("a stack on another host", () => {
    const { tree } = openssh;
    let directory: string;
    let host: OpensshHost;
    let clone: Clone;

    const lab = (verb: string, ...args: string[]) => clone.lab(verb, "--stack", STACK, ...args);
    const hostFolder = (): string => join(directory, "host");
    /** The host's own /var/lib/libvirt/replikube. */
    const stacksFolder = (): string => join(hostFolder(), "lib/replikube");

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "rh-"));
      const { libvirtdPid } = await startEmbeddedHost({ directory: hostFolder() });
      const { namespacePath } = embeddedHostLayout(hostFolder());
      host = await startOpensshHost({ directory, tree, libvirtdPid, namespacePath });
      const { port, knownHosts, keyFile } = host;
      const configuration = `${STACK_CONFIGURATION}  replikube:workers: ${REAL ? 1 : 0}\n  replikube:acceleration: tcg\n`;
      clone = await makeClone({ "Pulumi.tiny.yaml": configuration });
      process.env["LIBVIRT_DEFAULT_URI"] =
        `qemu+ssh://root@127.0.0.1:${port}/system?known_hosts=${knownHosts}&keyfile=${keyFile}`;
    }, 5 * MINUTE);

    afterAll(async () => {
      delete process.env["LIBVIRT_DEFAULT_URI"];
      await clone.remove();
      await host.close();
      await stopEmbeddedHost(hostFolder(), { force: true });
      rmSync(directory, { recursive: true, force: true });
    }, 5 * MINUTE);

    /** Bytes of the base image that have arrived. */
    function arrived(): number {
      const folder = join(stacksFolder(), `replikube-${STACK}`);
      const disk = (existsSync(folder) ? readdirSync(folder) : []).find((name) => name.endsWith("-disk"));
      return disk === undefined ? 0 : statSync(join(folder, disk)).size;
    }

    const BYTES_BEFORE_THE_CUT = 2 ** 20;

    test(
      "a connection that is cut while the image is copied fails with what happened, and what to do",
      async () => {
        const up = lab("up");
        const running = up.then(() => true);
        const seen = async (): Promise<boolean> => {
          if (arrived() > BYTES_BEFORE_THE_CUT) return true;
          const ended = await Promise.race([running, new Promise((resolve) => setTimeout(() => resolve(false), 5))]);
          return ended === true ? false : seen();
        };
        expect(await seen()).toBe(true);
        host.cut();
        const { exitCode, printed } = outcome(await up);
        expect(printed).toMatch(/host root@127\.0\.0\.1:\d+: the connection was lost: /);
        expect(printed).toContain("next: run the same command again: it looks at what is there and goes on");
        expect(exitCode).not.toBe(0);
      },
      20 * MINUTE,
    );

    test(
      "the next up goes on to a Ready cluster, and then there is nothing to do",
      async () => {
        succeeded(await lab("up"));
        expect(succeeded(await lab("preview", "--expect-no-changes"))).toMatch(/^ +\d+ unchanged$/m);
      },
      30 * MINUTE,
    );

    test(
      "its machines and its cluster are reached through the host",
      async () => {
        expect(succeeded(await lab("ssh", "control-plane-0", "--", "cat", "/proc/sys/kernel/hostname"))).toContain(
          "tiny-control-plane-0",
        );
        expect(succeeded(await lab("kubectl", "--", "get", "nodes", "-o", "name"))).toContain(
          "node/tiny-control-plane-0",
        );
        // As sshd logs what it is asked to connect to.
        expect(host.log()).toMatch(/direct_tcpip: .* target 10\.[\d.]+ port 22\b/);
        expect(host.log()).toMatch(/direct_tcpip: .* target 10\.[\d.]+ port 6443\b/);
      },
      3 * MINUTE,
    );

    test(
      "its console is read there",
      async () => {
        expect(succeeded(await lab("console", "control-plane-0"))).toMatch(
          REAL ? /Reached target|Started / : /udhcpc: lease of/,
        );
      },
      MINUTE,
    );

    test(
      "destroy leaves nothing on the host",
      async () => {
        expect(succeeded(await lab("destroy"))).toContain("nothing is left");
        const virsh = virshFor(embeddedHostLayout(hostFolder()).uri);
        const lists = await Promise.all(
          ["list", "net-list", "pool-list"].map((list) => virsh.run([list, "--all", "--name"])),
        );
        expect(lists.map(({ stdout }) => stdout.trim())).toEqual(["", "", ""]);
        expect(existsSync(stacksFolder()) ? readdirSync(stacksFolder()) : []).toEqual([]);
      },
      3 * MINUTE,
    );
  });
