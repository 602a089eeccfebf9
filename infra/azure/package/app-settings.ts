/** Settings of one function app: those of the Functions host, those of the service, its own, and those kept in Key Vault. */
import { concat, expression, literal, parameter, quoted, resourceId, variable } from "./expressions.ts";
import { IDENTITY_VERSION, identityId, namesOf, vaultName } from "./names.ts";
import { type AzureService, type FunctionApp, queuesOf } from "./service.ts";

export interface AppSetting {
  readonly name: string;
  readonly value: string;
}

/** How the triggers of functions/azure name their Service Bus: settings `<connection>__...` say where it is and as whom. */
export const CONNECTION = "ServiceBus";
const BUS_HOST = concat(variable("busName"), "'.servicebus.windows.net'");

export function appSettings(service: AzureService, app: FunctionApp): readonly AppSetting[] {
  const clientId = `reference(${identityId(service.name, app.name)}, '${IDENTITY_VERSION}').clientId`;
  const insights = `reference(${resourceId("Microsoft.Insights/components", quoted(service.name))}, '2020-02-02')`;
  const withIdentity = (connection: string) => ({
    [`${connection}__credential`]: "managedidentity",
    [`${connection}__clientId`]: expression(clientId),
  });
  const settings = {
    AzureWebJobsStorage__accountName: expression(namesOf(service.name, app.name).storage),
    ...withIdentity("AzureWebJobsStorage"),
    APPLICATIONINSIGHTS_CONNECTION_STRING: expression(`${insights}.ConnectionString`),
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: expression(concat("'ClientId='", clientId, "';Authorization=AAD'")),
    AZURE_CLIENT_ID: expression(clientId),
    LIFEGUARD_SUBSCRIPTION_ID: expression("subscription().subscriptionId"),
    LIFEGUARD_SERVICE_BUS: expression(concat("'https://'", BUS_HOST)),
    ...(queuesOf(app).length > 0
      ? { [`${CONNECTION}__fullyQualifiedNamespace`]: expression(BUS_HOST), ...withIdentity(CONNECTION) }
      : {}),
    ...literals(service.environment),
    ...literals(app.environment),
    ...secrets(app),
  };
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}

const literals = (settings: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, literal(value)]));

/** The platform resolves a reference with the app's own identity, and again within a day after the secret changed. */
const secrets = ({ secrets: named }: FunctionApp) =>
  Object.fromEntries(Object.entries(named).map(([name, from]) => [name, expression(secretReference(from))]));

function secretReference(from: string): string {
  const secret = parameter(from);
  const reference = concat("'@Microsoft.KeyVault(VaultName='", vaultName, "';SecretName='", secret, "')'");
  return `if(empty(${secret}), '', ${reference})`;
}
