# Runs scripts on a grid over HTTP, with the standard library alone. RGRID_URL and RGRID_API_KEY say where.
require "digest"
require "erb"
require "json"
require "net/http"
require "openssl"
require "securerandom"

module RGrid
  # What the grid answered in place of what was asked: a problem document (RFC 9457).
  class Refused < StandardError
    attr_reader :code, :status

    def initialize(problem)
      super([problem["detail"], problem["remediation"]].compact.join(" "))
      @code = problem["code"]
      @status = problem["status"]
    end
  end

  # It is away, or its database or storage is.
  class Unavailable < Refused; end

  # What may go better the next time. The link that a file goes to ends; the next time has a new one.
  AWAY = [
    Unavailable, Net::ProtocolError, Timeout::Error, SocketError, EOFError, OpenSSL::SSL::SSLError,
    Errno::ECONNREFUSED, Errno::ECONNRESET, Errno::ECONNABORTED, Errno::EPIPE, Errno::ETIMEDOUT,
    Errno::EHOSTUNREACH, Errno::ENETUNREACH
  ].freeze

  module_function

  # Answers the id. Each file is at most 64 MiB; `key`: the same key and job give the same execution.
  def submit(script, args: [], files: [], key: SecureRandom.uuid)
    contents = {}
    described = [script, *files].map do |path|
      bytes = File.binread(path)
      sha256 = Digest::SHA256.hexdigest(bytes)
      contents[sha256] = bytes
      { path: path, content: { size: bytes.bytesize, sha256: sha256, parts: bytes.empty? ? [] : [sha256] } }
    end
    job = { runtime: "python", interpreter: ["python3"], script: script, args: args, files: described }
    accepted = ask(Net::HTTP::Post, "/executions", body: job, headers: { "idempotency-key" => key })
    id = accepted["execution"]["id"]
    accepted["missing"].each { |part| send_part(part, contents.fetch(part["sha256"])) }
    ask(Net::HTTP::Post, "/executions/#{id}/uploaded") unless accepted["missing"].empty?
    id
  end

  def wait(id)
    loop do
      execution = ask(Net::HTTP::Get, "/executions/#{id}?wait=30")
      return execution if execution["endedAt"]
    end
  end

  def logs(id)
    answer(Net::HTTP::Get, "/executions/#{id}/logs/text").body
  end

  # The bytes of each file the script made, by its path.
  def outputs(id)
    made = ask(Net::HTTP::Get, "/executions/#{id}/outputs")["manifest"]["outputs"]
    made.select { |output| output["type"] == "file" }.to_h do |output|
      path = output["path"]
      [path, answer(Net::HTTP::Get, "/executions/#{id}/outputs/#{ERB::Util.url_encode(path)}").body]
    end
  end

  def ask(kind, path, body: nil, headers: {})
    JSON.parse(answer(kind, path, body: body, headers: headers).body)
  end

  def answer(kind, path, body: nil, headers: {})
    uri = URI.join(ENV.fetch("RGRID_URL"), "/api/v1#{path}")
    request = kind.new(uri, { "authorization" => "Bearer #{ENV.fetch("RGRID_API_KEY")}", **headers })
    request.content_type = "application/json" if body
    request.body = JSON.generate(body) if body
    answered = over(uri) { |http| http.request(request) }
    return answered if answered.is_a?(Net::HTTPSuccess)

    # A proxy before the grid has words of its own.
    known = answered.content_type == "application/problem+json"
    problem = known ? JSON.parse(answered.body) : { "detail" => "#{answered.code} #{answered.message}" }
    raise %w[502 503 504].include?(answered.code) ? Unavailable : Refused, problem
  end

  # A link that needs no key: the grid's own, or its object store's.
  def send_part(part, bytes)
    uri = URI.join(ENV.fetch("RGRID_URL"), part["put"]["url"])
    request = Net::HTTP::Put.new(uri, part["put"]["headers"])
    request.body = bytes
    over(uri) { |http| http.request(request) }.value
  end

  def over(uri, &block)
    Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https", read_timeout: 60, &block)
  end

  private_class_method :ask, :answer, :send_part, :over
end
