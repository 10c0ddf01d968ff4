#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"muster keeps one true roster of the agents on your machines"};
  CLI11_PARSE(app, argc, argv);
}
