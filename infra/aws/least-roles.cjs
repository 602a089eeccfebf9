/** After serverless-iam-roles-per-function: no shared role stays in the template, and no right that nobody needs. */
const SHARED = "IamRoleLambdaExecution";
/** The log groups are in the template; a group that a function made anew would be kept for ever. */
const UNNEEDED = "logs:CreateLogGroup";

const statementsOf = ({ Properties: { Policies = [] } }) =>
  Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

module.exports = class LeastRoles {
  constructor(serverless) {
    this.serverless = serverless;
    // That plugin takes the shared role as its pattern in the same hook; it is listed first, so it is done by now.
    this.hooks = {
      "before:package:finalize": () => this.tidy(serverless.service.provider.compiledCloudFormationTemplate),
    };
  }

  tidy({ Resources }) {
    delete Resources[SHARED];
    const users = Object.keys(Resources).filter((id) => JSON.stringify(Resources[id]).includes(`"${SHARED}"`));
    if (users.length > 0) {
      const advice = "give the function iamRoleStatements, even an empty list";
      throw new this.serverless.classes.Error(`${users.join(", ")}: would use the shared role; ${advice}`);
    }
    const roles = Object.values(Resources).filter(({ Type }) => Type === "AWS::IAM::Role");
    for (const statement of roles.flatMap(statementsOf))
      if (Array.isArray(statement.Action)) statement.Action = statement.Action.filter((action) => action !== UNNEEDED);
  }
};
