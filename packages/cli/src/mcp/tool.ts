/** One tool of the protocol: what it takes, and how its end is told. Its errors are answers that an assistant can act on. */
import * as Cause from "effect/Cause"
import type * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type * as Scope from "effect/Scope"
import { CallToolResult, type McpRequestContext, Tool, ToolJson } from "effect/ai/McpSchema"
import { McpServer } from "effect/ai/McpServer"
import type * as WebSocketConstructor from "effect/socket/Socket"
import type { GridClient } from "rgrid/client/GridClient"
import { onGrid } from "../commands/onGrid.ts"
import { defect, explain, isCommandError } from "../output/sentences.ts"

/** What a tool answers: words for the assistant, and the same as data for programs. */
export interface Answer {
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

type Needs = GridClient | WebSocketConstructor.WebSocketConstructor | Scope.Scope | McpServer | McpRequestContext

export interface Definition<S extends Schema.ConstraintDecoder<unknown, never>> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: S
  /** Changes nothing. */
  readonly readOnly?: boolean
  readonly destructive?: boolean
  readonly handle: (input: S["Type"]) => Effect.Effect<Answer, unknown, Needs>
}

const issues = SchemaIssue.makeFormatterStandardSchemaV1()

const wrongInput = (error: Schema.SchemaError) => {
  const told = issues(error.issue).issues.map(({ message, path = [] }) => {
    const place = path.map((key) => String(typeof key === "object" ? key.key : key)).join(".")
    return `${place === "" ? "the input" : place}: ${message}`
  })
  return {
    what: `The input is not what this tool takes: ${told.join("; ")}.`,
    why: "",
    fix: "Mend that; tools/list has the schema."
  }
}

interface Told {
  readonly what: string
  readonly why: string
  readonly fix: string
}

const refused = (code: string, { fix, what, why }: Told) =>
  new CallToolResult({
    isError: true,
    content: [{
      type: "text",
      text: [what, why, fix === "" ? "" : `Fix: ${fix}`].filter((line) => line !== "").join("\n")
    }],
    structuredContent: { error: { code, what, why, fix } }
  })

const told = (cause: Cause.Cause<unknown>): Effect.Effect<CallToolResult> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
  const error = Cause.squash(cause)
  if (Schema.isSchemaError(error)) return Effect.succeed(refused("BadInput", wrongInput(error)))
  if (isCommandError(error)) return Effect.succeed(refused(error._tag, explain(error)))
  return Effect.succeed(refused("Defect", defect(error)))
}

const done = ({ data, text }: Answer) =>
  new CallToolResult({ content: [{ type: "text", text }], structuredContent: data })

const schemaOf = (schema: Schema.Constraint) => {
  const { definitions, schema: own } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  return Schema.decodeUnknownEffect(ToolJson)(
    Object.keys(definitions).length === 0 ? own : { ...own, $defs: definitions }
  ).pipe(Effect.orDie)
}

/** Each call finds its grid anew: one that went to sleep between two calls is started again. */
export const tool = <S extends Schema.ConstraintDecoder<unknown, never>>(definition: Definition<S>) =>
  Effect.gen(function*() {
    const { description, destructive = false, input, name, readOnly = false, title } = definition
    const server = yield* McpServer
    const own = yield* Effect.context<GlobalFlag.Setting.Identifier<"profile">>()
    const decode = Schema.decodeUnknownEffect(input, { onExcessProperty: "error", errors: "all" })
    const handle = (payload: unknown) =>
      Effect.flatMap(decode(payload ?? {}), definition.handle).pipe(
        onGrid,
        Effect.scoped,
        Effect.map(done),
        Effect.catchCause(told),
        Effect.provideService(McpServer, server),
        Effect.updateContext((request: Context.Context<McpRequestContext>) => Context.merge(own, request))
      )
    yield* server.addTool({
      tool: new Tool({
        name,
        title,
        description,
        inputSchema: yield* schemaOf(input),
        annotations: {
          title,
          readOnlyHint: readOnly,
          destructiveHint: destructive,
          idempotentHint: readOnly,
          openWorldHint: !readOnly
        }
      }),
      annotations: Context.empty(),
      handle
    })
  })
