// The same work as main.swift beside this file, by libcurl's multi interface and nothing else: what a program can get out
// of the library at most. Answers are collected and searched for their sign of success, not parsed.
// usage: bare BASE_URL KEY REQUESTS IN_FLIGHT      prints one line of JSON
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char body[] =
    "{\"type\":\"order\",\"number\":\"A-1001\",\"currency\":\"chf\",\"amount\":129900,\"customer\":\"cus_0001\","
    "\"lines\":[{\"sku\":\"W-1\",\"quantity\":3,\"price\":43300}]}";

struct transfer {
    CURL *easy;
    char answer[4096];
    size_t length;
    double began;
    int is_write;
};

static char health[512], records[512];
static struct curl_slist *reading, *writing;
static double *latencies;
static int finished;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}

static size_t collect(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t length = size * count;
    if (transfer->length + length >= sizeof transfer->answer) return 0;
    memcpy(transfer->answer + transfer->length, bytes, length);
    transfer->length += length;
    return length;
}

static void begin(CURLM *multi, struct transfer *transfer, int number) {
    transfer->length = 0;
    transfer->is_write = number % 2;
    curl_easy_setopt(transfer->easy, CURLOPT_URL, transfer->is_write ? records : health);
    if (transfer->is_write) {
        curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE, (long)(sizeof body - 1));
        curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, writing);
    } else {
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, reading);
    }
    transfer->began = seconds();
    curl_multi_add_handle(multi, transfer->easy);
}

static void end(CURLM *multi, struct transfer *transfer, CURLcode result) {
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->answer[transfer->length] = 0;
    const char *sign = transfer->is_write ? "\"accepted\":1" : "\"success\":true";
    if (result != CURLE_OK || status != 200 || !strstr(transfer->answer, sign)) {
        fprintf(stderr, "failed: %s, status %ld: %s\n", curl_easy_strerror(result), status, transfer->answer);
        exit(1);
    }
    curl_multi_remove_handle(multi, transfer->easy);
    latencies[finished++] = seconds() - transfer->began;
}

static void run(CURLM *multi, struct transfer *transfers, int requests, int in_flight) {
    int next = 0, running = 0;
    finished = 0;
    while (next < in_flight && next < requests) {
        begin(multi, &transfers[next], next);
        next++;
    }
    while (finished < requests) {
        if (curl_multi_perform(multi, &running) != CURLM_OK) exit(1);
        CURLMsg *message;
        int left;
        while ((message = curl_multi_info_read(multi, &left))) {
            struct transfer *transfer;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            end(multi, transfer, message->data.result);
            if (next < requests) begin(multi, transfer, next++);
        }
        if (finished < requests && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) exit(1);
    }
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

int main(int count, char **words) {
    if (count != 5) return 64;
    int requests = atoi(words[3]), in_flight = atoi(words[4]);
    snprintf(health, sizeof health, "%s/v1/health", words[1]);
    snprintf(records, sizeof records, "%s/v1/records", words[1]);
    char proof[512];
    snprintf(proof, sizeof proof, "Authorization: Bearer %s", words[2]);
    reading = curl_slist_append(curl_slist_append(NULL, "Accept: application/json"), proof);
    writing = curl_slist_append(curl_slist_append(NULL, "Accept: application/json"), proof);
    writing = curl_slist_append(writing, "Content-Type: application/json");
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)in_flight);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    struct transfer *transfers = calloc(in_flight, sizeof *transfers);
    latencies = calloc(requests, sizeof *latencies);
    for (int index = 0; index < in_flight; index++) {
        CURL *easy = transfers[index].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfers[index]);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfers[index]);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    }
    run(multi, transfers, requests / 10, in_flight);
    double used = cpu(), began = seconds();
    run(multi, transfers, requests, in_flight);
    double took = seconds() - began, sum = 0;
    used = cpu() - used;
    qsort(latencies, requests, sizeof *latencies, ascending);
    for (int index = 0; index < requests; index++) sum += latencies[index];
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf(
        "{\"requests\": %d, \"seconds\": %f, \"cpu\": %f, \"mean\": %f, \"p50\": %f, \"p95\": %f, \"p99\": %f, "
        "\"max\": %f, \"peak_kb\": %ld}\n",
        requests, took, used, sum / requests, latencies[requests / 2], latencies[requests * 95 / 100],
        latencies[requests * 99 / 100], latencies[requests - 1], usage.ru_maxrss);
    return 0;
}
