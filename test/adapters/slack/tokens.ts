/** Of the fake workspace, for everything that is tried against it. */
export const TOKENS = { botToken: "xoxb-lab-token", appToken: "xapp-1-lab-token", signingSecret: "lab-signing-secret" };
