# A Sidekiq job (app/sidekiq/report_job.rb) whose work is done on the grid: the thread only waits.
require_relative "rgrid"

class ReportJob
  # The script's end, which is the same however often the job is repeated: it finds the execution of its first time.
  class Failed < StandardError; end

  def self.again?(error)
    RGrid::AWAY.any? { |kind| error.is_a?(kind) }
  end

  if defined?(Sidekiq)
    include Sidekiq::Job
    # nil: as often as Sidekiq does. Others are at once among the dead, for people to look at.
    sidekiq_retry_in { |_count, error| ReportJob.again?(error) ? nil : :kill }
  end
  attr_accessor :jid

  def perform(path)
    # Sidekiq repeats a job that raised or was lost, with the same jid.
    id = RGrid.submit("report.py", args: [path], files: [path], key: jid || SecureRandom.uuid)
    execution = RGrid.wait(id)
    # A script that was canceled, timed out or was lost has no exit code.
    raise Failed, "#{id} #{execution["state"]}: #{RGrid.logs(id).lines.last(5).join}" unless execution["exitCode"] == 0

    RGrid.outputs(id).fetch("report.txt")
  end
end
