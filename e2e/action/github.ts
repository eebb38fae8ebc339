/** A GitHub of comments and statuses. Each request has to be what GitHub's own description says; each answer is too. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { example, operationOf, requestErrors, responseErrors } from "./openapi.ts"

export interface Comment {
  readonly id: number
  body: string
  readonly user: { readonly login: string; readonly id: number; readonly type: string }
}

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === "" ? undefined : JSON.parse(text)
}

export class FakeGitHub {
  readonly comments: Array<Comment> = []
  readonly statuses: Array<{ readonly sha: string; readonly state: string; readonly context: string; readonly description: string; readonly target_url: string }> = []
  /** `POST issues/create-comment`, in their order. */
  readonly calls: Array<string> = []
  /** What no GitHub would have taken. */
  readonly wrong: Array<string> = []
  /** Answers to give first, whatever is asked. */
  readonly trouble: Array<Answer> = []
  private readonly server: Server = createServer((request, response) => void this.serve(request, response))
  private readonly token: string

  constructor(token: string) {
    this.token = token
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, "http://github")
    const { body, headers, status } = this.answer(request, url, await bodyOf(request))
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
    response.end(JSON.stringify(body))
  }

  private answer(request: IncomingMessage, url: URL, body: any): Answer {
    const operation = operationOf(request.method!, url.pathname)
    if (operation === null) {
      this.wrong.push(`${request.method} ${url.pathname} is no operation`)
      return { status: 404, body: { message: "Not Found" } }
    }
    this.calls.push(operation.id)
    this.wrong.push(...requestErrors(operation, url.searchParams, body))
    if (!request.headers["user-agent"]) this.wrong.push("no user-agent")
    if (request.headers.authorization !== `token ${this.token}`) return { status: 401, body: { message: "Bad credentials" } }
    const trouble = this.trouble.shift()
    if (trouble !== undefined) return trouble
    const answer = this.act(operation.id, operation.path, url, body)
    if (answer.status < 400) this.wrong.push(...responseErrors(operation, answer.status, answer.body))
    return answer
  }

  private act(id: string, path: Readonly<Record<string, string>>, url: URL, body: any): Answer {
    switch (id) {
      case "repos/create-commit-status":
        this.statuses.push({ sha: path["sha"], ...body })
        return { status: 201, body: { ...example("status"), ...body } }
      case "issues/list-comments":
        return this.page(url)
      case "issues/create-comment": {
        const comment = this.add(body.body, "github-actions[bot]", "Bot")
        return { status: 201, body: this.shown(comment) }
      }
      case "issues/update-comment": {
        const comment = this.comments.find((one) => String(one.id) === path["comment_id"])
        if (comment === undefined) return { status: 404, body: { message: "Not Found" } }
        comment.body = body.body
        return { status: 200, body: this.shown(comment) }
      }
      default:
        return { status: 403, body: { message: "Resource not accessible by integration" } }
    }
  }

  add(body: string, login: string, type: string): Comment {
    const comment = { id: 100 + this.comments.length, body, user: { login, id: login.length, type } }
    this.comments.push(comment)
    return comment
  }

  private shown({ body, id, user }: Comment): unknown {
    const whole = example("issue-comment")
    return { ...whole, id, body, user: { ...whole.user, ...user } }
  }

  private page(url: URL): Answer {
    const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30))
    const page = Number(url.searchParams.get("page") ?? 1)
    const next = new URL(url)
    next.searchParams.set("page", String(page + 1))
    const link = `<http://127.0.0.1:${(this.server.address() as AddressInfo).port}${next.pathname}${next.search}>; rel="next"`
    const shown = this.comments.slice((page - 1) * size, page * size).map((comment) => this.shown(comment))
    return { status: 200, body: shown, ...(this.comments.length > page * size ? { headers: { link } } : {}) }
  }
}
