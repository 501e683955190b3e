import { makeExperiment } from "../fixtures/made-experiment";
import { experimentConfig, imageFacts, oneImage } from "../fixtures/experiment";

test("a guest that KVM runs has the host's processor, and its kernel the image's own command line", async () => {
  const { only } = await makeExperiment(experimentConfig, oneImage(), undefined, "kvm");
  const { inputs } = only("libvirt:index/domain:Domain", "worker-0");
  expect(inputs).toMatchObject({ type: "kvm", cpu: { mode: "host-passthrough" } });
  expect(inputs["cmdlines"]).toEqual([{ _: imageFacts.boot.commandLine }]);
});
