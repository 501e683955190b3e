import { dynamic, makeExperiment } from "../fixtures/made-experiment";
import { experimentConfig, oneImage } from "../fixtures/experiment";

/** A stack whose workers are made and replaced one after the other. */

test("in a roll every join ends with a node that is Ready", async () => {
  const { made } = await makeExperiment({ ...experimentConfig, replace: "rolling" }, oneImage());
  const joins = made.filter(({ type }) => type === dynamic("KubeadmJoin"));
  expect(joins.map(({ inputs }) => inputs["untilReady"])).toEqual([true, true]);
});
