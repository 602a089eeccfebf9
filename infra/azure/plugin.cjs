/** Lets the Serverless Framework package and deploy to Azure: registers the provider, then hands everything to package/ and deploy/. */
const { defineAzure } = require("./package/schema.ts");
const { packageService } = require("./package/package-service.ts");

const NAME = "azure";

class AzureProvider {
  constructor(serverless) {
    this.serverless = serverless;
    serverless.setProvider(NAME, this);
    defineAzure(serverless.configSchemaHandler);
  }

  static getProviderName() {
    return NAME;
  }
}

module.exports = class AzurePlugin {
  constructor(serverless, _options, { log }) {
    serverless.pluginManager.addPlugin(AzureProvider);
    // What a person can mend is told without a stack.
    const told = async (work) => {
      try {
        await work();
      } catch (error) {
        throw error.name === "DeployError" || error.name === "ConfigurationError"
          ? new serverless.classes.Error(error.message)
          : error;
      }
    };
    const given = () => {
      const { service, provider } = serverless.service;
      return [service, provider, serverless.serviceDir, (line) => log.notice(line)];
    };
    const remove = (isAsked) => {
      const { removeService } = require("./deploy/deploy-service.ts");
      const { service, provider, resources } = serverless.service;
      return told(() => removeService({ service, provider, resources }, isAsked, (line) => log.notice(line)));
    };
    this.commands = {
      "what-if": { usage: "Show what deploying would change in Azure, and change nothing", lifecycleEvents: ["show"] },
      "what-if-removed": {
        usage: "Show what removing would delete in Azure, and delete nothing",
        lifecycleEvents: ["show"],
      },
    };
    this.hooks = {
      "before:package:createDeploymentArtifacts": () =>
        told(async () => {
          const { artifacts } = await packageService(serverless.service, serverless.serviceDir);
          for (const { functionName, file } of artifacts)
            serverless.service.functions[functionName].package = { artifact: file };
        }),
      "before:what-if:show": () => serverless.pluginManager.spawn("package"),
      // Packaging needs no Azure client: loaded when needed.
      "what-if:show": () => {
        const { showWhatIf } = require("./deploy/deploy-service.ts");
        return told(() => showWhatIf(...given()));
      },
      "what-if-removed:show": () => remove(true),
      "remove:remove": () => remove(false),
      "deploy:deploy": () => {
        const { deployService } = require("./deploy/deploy-service.ts");
        return told(() => deployService(...given()));
      },
    };
  }
};
