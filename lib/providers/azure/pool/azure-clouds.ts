/** The clouds that Azure has: where each is managed and where each gives out tokens (CAPZ azure/scope/clients.go). */

export interface AzureCloud {
  /** Of Azure Resource Manager. */
  readonly endpoint: string;
  /** Of tokens for it. */
  readonly scope: string;
  readonly authorityHost: string;
}

const cloud = (endpoint: string, authorityHost: string): AzureCloud => ({
  endpoint,
  scope: `${endpoint}/.default`,
  authorityHost,
});

const CLOUDS: Readonly<Record<string, AzureCloud>> = {
  AzurePublicCloud: cloud("https://management.azure.com", "https://login.microsoftonline.com"),
  AzureChinaCloud: cloud("https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
  AzureUSGovernmentCloud: cloud("https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
};

/** undefined: nobody knows of it. */
export const azureCloud = (environment: string): AzureCloud | undefined => CLOUDS[environment];
