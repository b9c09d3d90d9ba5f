import { z } from "zod";

const Guid = z.guid({ error: "must be an id, as in 00000000-0000-4000-8000-000000000000" });

/** How Muster signs in to Azure. Tokens are kept and renewed by the vendor's own client. */
export const SignIn = z
  .strictObject({
    as: z
      .enum(["default", "managed-identity", "client-secret"])
      .describe(
        "default: what the machine offers (environment, workload identity, managed identity, the Azure CLI); managed-identity: of this machine; client-secret: an application with a secret.",
      ),
    clientId: Guid.optional().describe("Of the application, or of a managed identity that a person assigned."),
    tenantId: Guid.optional().describe("Of the application."),
    secretFrom: z
      .string()
      .regex(/^[\w.-]{1,100}$/, { error: "must be letters, digits, dots, dashes or underscores" })
      .optional()
      .describe("The secret of the application: azure-reader is MUSTER_SECRET_AZURE_READER."),
    authority: z
      .url({ protocol: /^https$/, error: "must be an https address" })
      .optional()
      .describe("Of another cloud than the public one."),
  })
  .refine(({ as, tenantId, clientId, secretFrom }) => as !== "client-secret" || (tenantId && clientId && secretFrom), {
    error: "needs tenantId, clientId and secretFrom when as is client-secret",
  });
export type SignIn = z.infer<typeof SignIn>;
