export default {
    fetch(request) {
        return fetch("ORIGIN", request);
    },
};
