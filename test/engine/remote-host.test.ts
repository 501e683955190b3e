import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { virshFor } from "../../drivers/virsh";
import { embeddedHostLayout } from "../../plan/embedded-host";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";
import { kubeadmCalls } from "../fixtures/kubeadm-calls";
import { startProgram, timelineEvents, untilStep } from "../fixtures/killed-up";
import { startOpensshHost, type OpensshHost } from "../fixtures/openssh-host";
import { opensshTree } from "../fixtures/openssh-tree";

/**
 * A stack on another host: an embedded libvirtd whose socket, network and folders are reached by SSH alone, through OpenSSH's server
 * in the host's own network namespace. Real guests, tiny image; or real Kubernetes, with a worker.
 */

const MINUTE = 60_000;
const STACK = "tiny";

const CONFIGURATION = `${STACK_CONFIGURATION}  replikube:workers: ${REAL ? 1 : 0}\n  replikube:acceleration: tcg\n`;

/** What the tiny image's stand-in for kubeadm is told by. */
const FAILING = `${CONFIGURATION}  replikube:kubernetes:
    kubeadm:
      apiServer:
        extraArgs:
          - name: tiny-init-fails
            value: the etcd of this test never comes up
`;

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
    const configure = (text: string): void => writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), text);
    /** On the host itself. */
    const virshThere = () => virshFor(embeddedHostLayout(hostFolder()).uri);

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "rh-"));
      const { libvirtdPid } = await startEmbeddedHost({ directory: hostFolder() });
      const { namespacePath } = embeddedHostLayout(hostFolder());
      host = await startOpensshHost({ directory, tree, libvirtdPid, namespacePath });
      const { port, knownHosts, keyFile } = host;
      clone = await makeClone({ "Pulumi.tiny.yaml": CONFIGURATION });
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

    // By settings that only the tiny image has, and with one machine.
    if (!REAL) {
      test(
        "evidence of what fails there holds the machine's console, fetched from there",
        async () => {
          configure(FAILING);
          const { exitCode, printed } = outcome(await lab("up"));
          configure(CONFIGURATION);
          expect(printed).toContain("tiny-control-plane-0: initialise the control plane");
          expect(exitCode).not.toBe(0);
          const [evidence = "none"] = /\S+\/\.state\/evidence\/\S+-kubeadm-init\b/.exec(printed) ?? [];
          expect(readFileSync(join(evidence, "tiny-control-plane-0/console.log"), "utf8")).toContain(
            "udhcpc: lease of",
          );
        },
        10 * MINUTE,
      );

      test(
        "a connection that is cut while kubeadm runs is made again, and the step ends as the one that it was",
        async () => {
          const before = timelineEvents(clone, STACK).length;
          const up = startProgram(["./lab", "up", "--stack", STACK], clone.folder);
          await untilStep(clone, STACK, "kubeadm-init", up);
          // It comes to no end before the cut.
          await virshThere().run(["suspend", "replikube-tiny-control-plane-0"]);
          expect(host.cut()).toBeGreaterThan(0);
          await virshThere().run(["resume", "replikube-tiny-control-plane-0"]);
          expect(await up.ended).toMatchObject({ exitCode: 0 });
          const events = timelineEvents(clone, STACK)
            .slice(before)
            .filter(({ step }) => step === "kubeadm-init");
          expect(events.map(({ event }) => event)).toEqual(["started", "finished"]);
          const calls = await kubeadmCalls(clone, STACK, "control-plane-0");
          expect(calls.filter((call) => call === "kubeadm init")).toHaveLength(1);
        },
        10 * MINUTE,
      );
    }

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
      "a refresh of a host that does not answer says so and keeps what is known; once it answers, there is nothing to do",
      async () => {
        const refreshed = await host.away(() => lab("refresh"));
        expect(succeeded(refreshed)).toMatch(
          /cannot be looked at, so what is known of it stays: host root@127\.0\.0\.1:\d+: /,
        );
        succeeded(await lab("refresh"));
        expect(succeeded(await lab("preview", "--expect-no-changes"))).toMatch(/^ +\d+ unchanged$/m);
      },
      5 * MINUTE,
    );

    test(
      "destroy leaves nothing on the host",
      async () => {
        expect(succeeded(await lab("destroy"))).toContain("nothing is left");
        const lists = await Promise.all(
          ["list", "net-list", "pool-list"].map((list) => virshThere().run([list, "--all", "--name"])),
        );
        expect(lists.map(({ stdout }) => stdout.trim())).toEqual(["", "", ""]);
        expect(existsSync(stacksFolder()) ? readdirSync(stacksFolder()) : []).toEqual([]);
      },
      3 * MINUTE,
    );
  });
