import { z } from "zod";
import { strictFaults } from "../../src/assistant/strict-schema.ts";

const Call = z.looseObject({
  id: z.string(),
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.string().nullish(),
  tool_calls: z.array(Call).min(1).optional(),
  tool_call_id: z.string().optional(),
});

/** As much of a request for a chat completion as this deployment reads. */
export const Body = z.looseObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  response_format: z
    .strictObject({
      type: z.literal("json_schema"),
      json_schema: z.looseObject({ name: z.string(), strict: z.literal(true), schema: z.unknown() }),
    })
    .optional(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal("function"),
        function: z.looseObject({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string().max(1_024),
          strict: z.literal(true),
          parameters: z.unknown(),
        }),
      }),
    )
    .max(128)
    .optional(),
  tool_choice: z
    .union([
      z.enum(["none", "auto", "required"]),
      z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
});
type Body = z.infer<typeof Body>;

const NOT_FOR_REASONING = [
  "temperature",
  "top_p",
  "max_tokens",
  "presence_penalty",
  "frequency_penalty",
  "parallel_tool_calls",
];

/** Everything for which Azure would answer 400; empty when it would take the request. Pure. */
export function bodyFaults(body: Body, reasoning: boolean): string[] {
  const unknown = NOT_FOR_REASONING.filter((name) => reasoning && body[name] !== undefined);
  const { response_format: format, tools = [], tool_choice: choice } = body;
  return [
    ...unknown.map((name) => `${name} is not supported with this model`),
    ...(format === undefined && tools.length === 0 ? ["neither a form for the answer nor tools"] : []),
    ...(format ? strictFaults(format.json_schema.schema) : []),
    ...tools.flatMap(({ function: one }) => strictFaults(one.parameters).map((said) => `${one.name}: ${said}`)),
    ...(choice !== undefined && tools.length === 0 ? ["tool_choice is only allowed when tools are specified"] : []),
    ...chosenFaults(choice, tools),
    ...answeredFaults(body.messages),
  ];
}

function chosenFaults(choice: Body["tool_choice"], tools: NonNullable<Body["tools"]>): string[] {
  if (typeof choice !== "object") return [];
  const { name } = choice.function;
  return tools.some((one) => one.function.name === name) ? [] : [`tool_choice names ${name}, which is no tool`];
}

/** Each call must be followed by its tool's message, and each of these must answer a call. */
function answeredFaults(messages: Body["messages"]): string[] {
  const faults: string[] = [];
  let open: string[] = [];
  for (const { role, content, tool_calls: calls, tool_call_id: id } of messages) {
    if (role === "tool") {
      if (!open.includes(id ?? "")) faults.push(`a tool's message answers ${id}, which was not called`);
      open = open.filter((one) => one !== id);
      continue;
    }
    if (open.length > 0) faults.push(`${open.join(", ")} must be followed by tool messages`);
    open = calls?.map((call) => call.id) ?? [];
    if (role !== "assistant" && typeof content !== "string") faults.push(`a message of ${role} has no content`);
  }
  return open.length > 0 ? [...faults, `${open.join(", ")} must be followed by tool messages`] : faults;
}
