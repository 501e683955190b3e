import { bootedAnewWhileItsClockRunsWrong } from "../../drivers/clock-resets";
import { ClockRunsWrong } from "../../drivers/guest-clock";

/** A machine whose clock runs wrong after so many of its boots. */
async function resetsOf(wrongBoots: number, other?: Error): Promise<{ readonly resets: number; readonly end: string }> {
  let [boots, resets] = [0, 0];
  const work = () => {
    boots += 1;
    if (boots <= wrongBoots) return Promise.reject(new ClockRunsWrong("w", 24));
    return other === undefined ? Promise.resolve("known") : Promise.reject(other);
  };
  const reset = () => Promise.resolve(void (resets += 1));
  const end = await bootedAnewWhileItsClockRunsWrong(work, reset).catch((error: unknown) => String(error));
  return { resets, end };
}

it("is started anew until its clock runs right, three boots at most", async () => {
  expect(await resetsOf(0)).toEqual({ resets: 0, end: "known" });
  expect(await resetsOf(2)).toEqual({ resets: 2, end: "known" });
  expect(await resetsOf(3)).toEqual({ resets: 2, end: expect.stringContaining("runs 24.00 times as fast") });
});

it("is not started anew for anything else", async () => {
  expect(await resetsOf(0, new Error("no disk"))).toEqual({ resets: 0, end: "Error: no disk" });
});
