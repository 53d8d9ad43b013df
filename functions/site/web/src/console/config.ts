// What the shell says of this deployment.

export interface Config {
  issuer: string; // of the OpenID provider that hosts sign in at
  clientId: string;
  origin: string; // that guests and hosts see
}

export function readConfig(): Config {
  const text = document.getElementById("config")?.textContent;
  if (!text) throw new Error("the shell has no config");
  return JSON.parse(text) as Config;
}
