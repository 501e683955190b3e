/** Takes secrets out of texts that leave the machine: known ones in every form they are written in, and what looks like one. */
const REDACTED = "[secret]";

/** Shorter lines of a secret (an empty line, `-----`) would take half of the text with them. */
const SHORTEST_LINE = 12;

/** What is a secret by its look, whoever made it. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/g, REDACTED],
  // the head alone, when the rest was cut off (the last lines of a log)
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*$/g, REDACTED],
  // kubeadm's bootstrap tokens: the id may be seen, the rest may not
  [/\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g, `$1.${REDACTED}`],
  [/\b((?:client-key|token)(?:-data)?"?[:=]\s*"?)[A-Za-z0-9+/=._-]{16,}/g, `$1${REDACTED}`],
  // base64 of `-----BEGIN … PRIVATE KEY-----`, as in kubeconfig files and Kubernetes secrets
  [/\bLS0tLS1CRUdJTi[A-Za-z0-9+/]*(?:UFJJVkFURSBLRVk|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[A-Za-z0-9+/=]*/g, REDACTED],
];

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The characters that are the same whatever stands before and behind it: it may begin at any of three places in a group. */
const base64Forms = (text: string): readonly string[] =>
  [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString("base64");
    const bytes = Buffer.byteLength(text) + shift;
    const firstOwn = shift === 0 ? 0 : shift + 1;
    return encoded.slice(firstOwn, Math.floor((bytes * 8) / 6));
  });

const formsOf = (secret: string): readonly string[] =>
  [secret, ...secret.split("\n").filter((line) => line.length >= SHORTEST_LINE)].flatMap((text) => [
    text,
    jsonEscaped(text),
    encodeURIComponent(text),
    ...base64Forms(text),
  ]);

/** Only secrets as such: every line of one is taken out, so a whole kubeconfig is none, the key in it is. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [
    ...new Set(
      secrets
        .map((secret) => secret.trim())
        .filter(Boolean)
        .flatMap(formsOf),
    ),
  ];
  const longestFirst = forms.sort((a, b) => b.length - a.length);
  return (text) => {
    const known = longestFirst.reduce((current, form) => current.replaceAll(form, REDACTED), text);
    return PATTERNS.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), known);
  };
}
