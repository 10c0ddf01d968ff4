#pragma once

#include "muster/runner/service.hpp"
#include "muster/store/simulated_environment.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

/// Stands in for a runtime or a daemon: records what is asked and answers what
/// it was told to.
class service_double {
public:
  struct question {
    std::string operation;
    std::string request;
  };

  std::vector<question> asked;
  std::map<std::string, expected<std::string>, std::less<>> answers;
  std::vector<std::string> notes;
  std::optional<failure> out_of_reach;
  std::size_t reached = 0;
  simulated_environment world;

  /// Runs one line of muster in this process, as far as printing it.
  command_line::outcome run(std::vector<std::string> arguments) {
    command_line line(door());
    add_all_commands(line);
    arguments.insert(arguments.begin(), "muster");
    std::vector<const char*> argv;
    for (const auto& each : arguments)
      argv.push_back(each.c_str());
    auto env = world.view();
    return line.perform(static_cast<int>(argv.size()), argv.data(), env);
  }

  [[nodiscard]] service_door door() {
    return [this](command_context&) -> expected<std::unique_ptr<service>> {
      ++reached;
      if (out_of_reach)
        return *out_of_reach;
      return std::unique_ptr<service>(std::make_unique<speaker>(*this));
    };
  }

private:
  class speaker final : public service {
  public:
    explicit speaker(service_double& owner) : owner_(owner) {}
    expected<std::string> call(std::string_view operation, std::string_view request) override {
      const std::lock_guard guard(owner_.one_at_a_time_);
      owner_.asked.push_back({std::string(operation), std::string(request)});
      const auto found = owner_.answers.find(operation);
      if (found == owner_.answers.end())
        return failure{failure_kind::failed, "no-answer", "the double was told no answer"};
      return found->second;
    }
    [[nodiscard]] std::vector<std::string> notes() const override { return owner_.notes; }

  private:
    service_double& owner_;
  };

  std::mutex one_at_a_time_; ///< commands call from several threads
};

} // namespace muster::test
