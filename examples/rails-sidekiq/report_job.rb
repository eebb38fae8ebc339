# A Sidekiq job (app/sidekiq/report_job.rb) whose work is done on the grid: the thread only waits.
require_relative "rgrid"

class ReportJob
  include Sidekiq::Job if defined?(Sidekiq)
  attr_accessor :jid

  def perform(path)
    # Sidekiq repeats a job that raised or was lost, with the same jid: it finds the execution of its first time.
    id = RGrid.submit("report.py", args: [path], files: [path], key: jid || SecureRandom.uuid)
    execution = RGrid.wait(id)
    raise "#{id} failed: #{RGrid.logs(id).lines.last(5).join}" unless execution["exitCode"].zero?

    RGrid.outputs(id).fetch("report.txt")
  end
end
