import { AgentSilent, type GuestAgent } from "../../drivers/guest-agent";
import { makeClockRight } from "../../drivers/guest-clock";
import type { CommandRunner } from "../../drivers/runner";
import type { StepEvent } from "../../drivers/timeline";

/** A guest whose clock is `behind` seconds late until somebody sets it to what `takes` makes of it. */
function guestWith(behind: number, { takes = true, silent = 0, exitCode = 0, speed = 1 } = {}) {
  let [late, silence, since] = [behind, silent, Date.now() / 1000];
  const commands: (readonly string[])[] = [];
  const events: StepEvent[] = [];
  const agent: Pick<GuestAgent, "time"> = {
    time: () => {
      if (silence-- > 0) return Promise.reject(new AgentSilent("no answer"));
      return Promise.resolve(since + (Date.now() / 1000 - since) * speed - late);
    },
  };
  const runner: CommandRunner = {
    machine: "dev-worker-0",
    run: (command) => {
      commands.push(command);
      if (takes && exitCode === 0) {
        since = Date.now() / 1000;
        late = since - Number(command.at(-1)?.slice(1));
      }
      return Promise.resolve({ exitCode, stdout: "", stderr: exitCode === 0 ? "" : "date: invalid date" });
    },
  };
  const context = { machine: "dev-worker-0", step: "look at the clock", next: "" };
  const patience = { context, awaited: "its agent", deadlineSeconds: 1, intervalSeconds: 0.01 };
  const timeline = { record: (event: StepEvent): void => void events.push(event) };
  return {
    work: () => makeClockRight({ agent, runner, timeline, patience, setSeconds: 1, watchSeconds: 0.2 }),
    commands,
    events,
    late: () => late,
  };
}

it("lets a clock be that is right, and says nothing", async () => {
  const { work, commands, events } = guestWith(0.5);
  await work();
  expect([commands, events]).toEqual([[], []]);
});

it.each([3600, -30])("sets a clock that is %i s behind", async (behind) => {
  const { work, commands, events, late } = guestWith(behind);
  await work();
  expect(commands).toEqual([["date", "-u", "-s", expect.stringMatching(/^@\d+$/)]]);
  expect(Math.abs(late())).toBeLessThan(1);
  const title = `set the clock, which was ${Math.abs(behind)} s ${behind > 0 ? "behind" : "ahead"}`;
  expect(events.map(({ event, title: said }) => [event, said])).toEqual([
    ["started", title],
    ["finished", title],
  ]);
});

it("waits for an agent that starts again", async () => {
  const { work, commands } = guestWith(60, { silent: 3 });
  await work();
  expect(commands).toHaveLength(1);
});

it("does not believe that it was set", async () => {
  await expect(guestWith(60, { takes: false }).work()).rejects.toThrow("the clock is 60 s behind after it was set");
});

it("says what the guest said against it", async () => {
  await expect(guestWith(60, { exitCode: 1 }).work()).rejects.toThrow(
    /dev-worker-0: set the clock, which is 60 s behind failed: date -u -s @\d+ exited with code 1\ndate: invalid date/,
  );
});

it("tells a clock that runs at another speed from one that stood still", async () => {
  await expect(guestWith(60, { speed: 24 }).work()).rejects.toThrow(
    /dev-worker-0: the clock runs 2[34]\.\d\d times as fast as this machine's/,
  );
  await expect(guestWith(-60, { speed: 0.5 }).work()).rejects.toThrow(/the clock runs 0\.5\d times/);
  await guestWith(60, { speed: 1.01 }).work();
});
