#!/bin/sh
echo "sh script $0"
