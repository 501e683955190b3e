import type { Places } from "../places";

/** A part of what ./lab needs, as data: `check` looks, `take` gets what is missing. */
export interface Taken {
  readonly what: string;
  readonly why: string;
}

export interface Part {
  readonly name: string;
  /** What `take` will do, for doctor. */
  readonly plan: string;
  /** What is in use already; undefined: it has to be taken. It changes nothing. */
  check(places: Places): Promise<Taken | undefined>;
  /** Why `take` cannot succeed here, and what to do; undefined: it can. */
  obstacle?(places: Places): Promise<string | undefined>;
  take(places: Places, report: (line: string) => void): Promise<Taken>;
}
