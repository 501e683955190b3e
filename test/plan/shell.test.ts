import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { shellLine } from "../../plan/shell";

test("what sh makes of a quoted line is the argument list itself", () => {
  const word = fc.string().filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      const printed = execFileSync("sh", ["-c", shellLine(["printf", "%s\\0", ...words])], { encoding: "utf8" });
      expect(printed).toBe(words.length === 0 ? "\0" : words.map((text) => `${text}\0`).join(""));
    }),
    { numRuns: 50 },
  );
});

test("words of safe characters stay readable", () => {
  expect(shellLine(["kubeadm", "init", "--config=/etc/kubernetes/init.yaml"])).toBe(
    "kubeadm init --config=/etc/kubernetes/init.yaml",
  );
});
