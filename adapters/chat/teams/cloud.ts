/** Where Microsoft's services are; of the public cloud unless an emulator stands in for all of them. */
export interface TeamsCloud {
  /** Gives access tokens: `<login>/<tenant>/oauth2/v2.0/token`. */
  loginUrl: string;
  /** Says which keys sign what the Bot Connector sends. */
  openIdMetadataUrl: string;
  graphUrl: string;
  /** Until an activity has told the region's own. */
  serviceUrl: string;
}

export const CONNECTOR_ISSUER = "https://api.botframework.com";
export const CONNECTOR_SCOPE = "https://api.botframework.com/.default";
export const GRAPH_SCOPE = "https://graph.microsoft.com/.default";

export function teamsCloud(apiUrl?: string): TeamsCloud {
  if (apiUrl === undefined) {
    return {
      loginUrl: "https://login.microsoftonline.com",
      openIdMetadataUrl: "https://login.botframework.com/v1/.well-known/openidconfiguration",
      graphUrl: "https://graph.microsoft.com",
      serviceUrl: "https://smba.trafficmanager.net/teams/",
    };
  }
  const base = apiUrl.replace(/\/$/, "");
  return {
    loginUrl: `${base}/login`,
    openIdMetadataUrl: `${base}/v1/.well-known/openidconfiguration`,
    graphUrl: `${base}/graph`,
    serviceUrl: `${base}/connector/`,
  };
}
